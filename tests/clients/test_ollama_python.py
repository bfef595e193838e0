"""The ollama package for Python, as it comes, through an outage."""
import asyncio

import ollama

from stage import QUESTION, ClientCase, eventually


class Chat(ClientCase):
    def setUp(self):
        super().setUp()
        self.client = ollama.Client(host=self.root)

    def test_answers_whole_with_its_figures(self):
        answer = self.client.chat(model="practice", messages=QUESTION)
        self.assertIsInstance(answer, ollama.ChatResponse)
        self.assertIn("Is anybody there?", answer.message.content)
        self.assertEqual((answer.done, answer.done_reason, answer.model), (True, "stop", "practice"))
        for figure in (answer.total_duration, answer.load_duration, answer.prompt_eval_count,
                       answer.prompt_eval_duration, answer.eval_count, answer.eval_duration):
            self.assertGreater(figure, 0)
        self.assertGreater(answer.total_duration, 20_000_000)

    def test_streams(self):
        lines = list(self.client.chat(model="practice:latest", messages=QUESTION, stream=True))
        self.assertIn("Is anybody there?", "".join(line.message.content for line in lines))
        self.assertEqual([line.done for line in lines], [False] * (len(lines) - 1) + [True])
        self.assertGreater(lines[-1].eval_count, 0)

    def test_generates(self):
        whole = self.client.generate(model="practice", prompt="Is anybody there?", system="Be brief.")
        self.assertIsInstance(whole, ollama.GenerateResponse)
        self.assertIn("Is anybody there?", whole.response)
        pieces = list(self.client.generate(model="practice", prompt="Is anybody there?", stream=True))
        self.assertEqual("".join(piece.response for piece in pieces), whole.response)
        self.assertTrue(pieces[-1].done)
        with self.assertRaises(ollama.ResponseError) as raised:
            self.client.generate(model="practice", prompt="x", raw=True)
        self.assertEqual(raised.exception.status_code, 400)
        self.assertIn("raw", raised.exception.error)

    def test_loads_a_model(self):
        self.assertEqual(self.client.chat(model="practice", messages=[]).done_reason, "load")
        self.assertEqual(self.client.generate(model="practice", prompt="", keep_alive=0).done_reason, "unload")

    def test_limits_reach_the_provider(self):
        answer = self.client.chat(model="practice", messages=QUESTION, options={"num_predict": 3})
        self.assertEqual((answer.done_reason, answer.eval_count), ("length", 3))

    def test_async(self):
        async def both():
            client = ollama.AsyncClient(host=self.root)
            whole = await client.chat(model="practice", messages=QUESTION)
            lines = [line async for line in await client.chat(model="practice", messages=QUESTION, stream=True)]
            return whole.message.content, "".join(line.message.content for line in lines)
        whole, streamed = asyncio.run(both())
        self.assertEqual(whole, streamed)

    def test_sees_the_clouds_models_as_models(self):
        models = self.client.list().models
        self.assertIn("practice", [model.model for model in models])
        self.assertTrue(all(model.digest and model.details for model in models))
        shown = self.client.show("practice")
        self.assertIn("completion", shown.capabilities)
        self.assertEqual(self.client.ps().models, [])

    def test_refusals(self):
        for ask in (lambda: self.client.chat(model="none", messages=QUESTION), lambda: self.client.show("none")):
            with self.assertRaises(ollama.ResponseError) as raised:
                ask()
            self.assertEqual((raised.exception.status_code, raised.exception.error), (404, "model 'none' not found"))
        for ask in (lambda: self.client.pull("practice"), lambda: self.client.delete("practice"),
                    lambda: self.client.copy("practice", "other"), lambda: self.client.create("x", from_="practice")):
            with self.assertRaises(ollama.ResponseError) as raised:
                ask()
            self.assertEqual(raised.exception.status_code, 403)
            self.assertIn("does not proxy", raised.exception.error)


class Outage(ClientCase):
    def setUp(self):
        super().setUp()
        self.client = ollama.Client(host=self.root)

    def ask(self):
        return self.client.chat(model="practice", messages=QUESTION)

    def test_goes_on_through_it(self):
        self.cloud_down()
        self.assertEqual(self.ask().done_reason, "stop")
        lines = list(self.client.chat(model="practice", messages=QUESTION, stream=True))
        self.assertTrue(lines[-1].done)
        self.assertEqual(len(self.practice.log("local")), 2)
        self.all_back()

        def cloud_answers():
            before = len(self.practice.log("local"))
            self.assertEqual(self.ask().done_reason, "stop")
            return len(self.practice.log("local")) == before
        eventually(cloud_answers, "the cloud answers again", every_s=0.3)

    def test_nobody_can_answer(self):
        self.all_down()
        for ask in (self.ask, lambda: list(self.client.chat(model="practice", messages=QUESTION, stream=True)),
                    lambda: self.client.generate(model="practice", prompt="x")):
            with self.assertRaises(ollama.ResponseError) as raised:
                ask()
            self.assertEqual(raised.exception.status_code, 503)
            self.assertIn("No provider could answer", raised.exception.error)

    def test_a_stream_that_nobody_can_finish_raises(self):
        self.practice.both("cut-5")
        seen = []
        with self.assertRaises(ollama.ResponseError):
            for line in self.client.chat(model="practice", messages=QUESTION, stream=True):
                seen.append(line)
        self.assertTrue(seen)
        self.assertFalse(any(line.done for line in seen))


def get_weather(city: str) -> str:
    """Tells the weather.

    Args:
        city: Where.
    """
    return f"rain in {city}"


class Tools(ClientCase):
    scripted = True

    def conversation(self):
        client = ollama.Client(host=self.root)
        for stream in (False, True):
            first = client.chat(model="practice", messages=QUESTION, tools=[get_weather], stream=stream)
            calls = [call for line in (first if stream else [first]) for call in line.message.tool_calls or []]
            self.assertEqual([call.function.arguments for call in calls], [{"city": "Paris"}, {"city": "Rome"}])
            messages = QUESTION + [{"role": "assistant", "content": "", "tool_calls": calls}] + [
                {"role": "tool", "tool_name": call.function.name, "content": get_weather(**call.function.arguments)}
                for call in calls]
            last = client.chat(model="practice", messages=messages, tools=[get_weather])
            self.assertEqual(last.message.content, "rain in Paris and rain in Rome")

    def test_at_the_cloud(self):
        self.conversation()

    def test_at_the_local_model_in_an_outage(self):
        self.cloud.fail(503)
        self.conversation()


class Embeddings(ClientCase):
    scripted = True

    def test_vectors_old_and_new_from_either_provider(self):
        client = ollama.Client(host=self.root)
        new = client.embed(model="embedder", input=["a", "b"])
        self.assertIsInstance(new, ollama.EmbedResponse)
        self.assertEqual(len(new.embeddings), 2)
        self.assertEqual(len(client.embed(model="embedder", input="a", dimensions=3).embeddings[0]), 3)
        old = client.embeddings(model="embedder", prompt="a")
        self.assertEqual(list(old.embedding), list(new.embeddings[0]))
        self.cloud.fail(503)
        self.assertEqual(client.embed(model="embedder", input=["a", "b"]).embeddings, new.embeddings)
        with self.assertRaises(ollama.ResponseError) as raised:
            client.embed(model="another", input="a")
        self.assertEqual(raised.exception.status_code, 503)
