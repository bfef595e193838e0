"""The openai package for Python, as it comes, through an outage."""
import asyncio
import json

import openai

from stage import QUESTION, ClientCase, eventually


def sdk(case, **options):
    return openai.OpenAI(base_url=case.v1, api_key="sk-any", max_retries=options.pop("max_retries", 0), **options)


class Chat(ClientCase):
    def test_answers_whole(self):
        answer = sdk(self).chat.completions.create(model="practice", messages=QUESTION)
        self.assertIsInstance(answer, openai.types.chat.ChatCompletion)
        self.assertEqual(answer.object, "chat.completion")
        self.assertIn("Is anybody there?", answer.choices[0].message.content)
        self.assertEqual(answer.choices[0].message.role, "assistant")
        self.assertEqual(answer.choices[0].finish_reason, "stop")
        self.assertEqual(answer.usage.total_tokens, answer.usage.prompt_tokens + answer.usage.completion_tokens)
        self.assertEqual(answer.model, "practice")
        self.assertTrue(answer._request_id)

    def test_streams_with_usage(self):
        stream = sdk(self).chat.completions.create(model="practice", messages=QUESTION, stream=True,
                                                   stream_options={"include_usage": True})
        chunks = list(stream)
        text = "".join(c.choices[0].delta.content or "" for c in chunks if c.choices)
        self.assertIn("Is anybody there?", text)
        self.assertEqual({c.object for c in chunks}, {"chat.completion.chunk"})
        self.assertEqual(len({c.id for c in chunks}), 1)
        self.assertEqual([c.choices[0].finish_reason for c in chunks if c.choices][-1], "stop")
        self.assertGreater(chunks[-1].usage.completion_tokens, 10)

    def test_streams_without_usage_unless_asked(self):
        chunks = list(sdk(self).chat.completions.create(model="practice", messages=QUESTION, stream=True))
        self.assertTrue(all(c.usage is None and c.choices for c in chunks))

    def test_the_stream_helper_puts_the_answer_together(self):
        with sdk(self).chat.completions.stream(model="practice", messages=QUESTION) as stream:
            final = stream.get_final_completion()
        self.assertEqual(final.choices[0].message.role, "assistant")
        self.assertIn("Is anybody there?", final.choices[0].message.content)

    def test_async_whole_and_streamed_side_by_side(self):
        async def all_of():
            async with openai.AsyncOpenAI(base_url=self.v1, api_key="sk-any", max_retries=0) as client:
                async def streamed():
                    stream = await client.chat.completions.create(model="practice", messages=QUESTION, stream=True)
                    return "".join([c.choices[0].delta.content or "" async for c in stream])
                whole = client.chat.completions.create(model="practice", messages=QUESTION)
                return await asyncio.gather(whole, *(streamed() for _ in range(8)))
        whole, *texts = asyncio.run(all_of())
        self.assertEqual(set(texts), {whole.choices[0].message.content})

    def test_raw_response_shows_who_answered(self):
        raw = sdk(self).chat.completions.with_raw_response.create(model="evenkeel", messages=QUESTION)
        self.assertEqual(raw.headers["x-evenkeel-provider"], "cloud")
        self.assertEqual(raw.headers["x-evenkeel-model"], "practice")
        self.assertEqual(raw.headers["x-evenkeel-attempts"], "1")
        self.assertNotIn("x-evenkeel-degraded", raw.headers)
        self.assertEqual(raw.parse()._request_id, raw.headers["x-request-id"])

    def test_a_stream_that_is_closed_early_disturbs_nobody(self):
        client = sdk(self)
        stream = client.chat.completions.create(model="practice", messages=QUESTION, stream=True)
        next(iter(stream))
        stream.close()
        self.assertTrue(client.chat.completions.create(model="practice", messages=QUESTION).choices)

    def test_legacy_completions(self):
        client = sdk(self)
        answer = client.completions.create(model="practice", prompt="Is anybody there?")
        self.assertIsInstance(answer, openai.types.Completion)
        self.assertEqual(answer.object, "text_completion")
        self.assertIn("Is anybody there?", answer.choices[0].text)
        self.assertEqual(answer.choices[0].finish_reason, "stop")
        chunks = list(client.completions.create(model="practice", prompt=["Is anybody there?"], stream=True))
        self.assertEqual("".join(c.choices[0].text for c in chunks), answer.choices[0].text)
        self.assertEqual(chunks[-1].choices[0].finish_reason, "stop")
        with self.assertRaises(openai.BadRequestError) as raised:
            client.completions.create(model="practice", prompt="x", echo=True)
        self.assertIn("echo", raised.exception.message)

    def test_models(self):
        client = sdk(self)
        self.assertIn("practice", [model.id for model in client.models.list()])
        self.assertEqual(client.models.retrieve("practice").owned_by, "cloud")
        self.assertEqual(client.models.retrieve("local/practice").owned_by, "local")
        with self.assertRaises(openai.NotFoundError) as raised:
            client.models.retrieve("none")
        self.assertEqual(raised.exception.code, "model_not_found")


class Refusals(ClientCase):
    def test_each_has_its_class_and_says_what_to_do(self):
        client = sdk(self)
        with self.assertRaises(openai.NotFoundError) as unknown:
            client.chat.completions.create(model="none", messages=QUESTION)
        self.assertEqual((unknown.exception.status_code, unknown.exception.code), (404, "model_not_found"))
        with self.assertRaises(openai.BadRequestError) as wrong:
            client.chat.completions.create(model="practice", messages="Hi")
        self.assertIn("messages", wrong.exception.message)
        with self.assertRaises(openai.NotFoundError) as nowhere:
            client.post("/nothing", cast_to=object)
        self.assertEqual(nowhere.exception.code, "unknown_url")
        self.assertTrue(nowhere.exception.request_id)


class Outage(ClientCase):
    def test_the_local_model_answers_and_the_cloud_takes_over_again(self):
        client = sdk(self)

        def provider():
            raw = client.chat.completions.with_raw_response.create(model="practice", messages=QUESTION)
            self.assertEqual(raw.parse().choices[0].finish_reason, "stop")
            return raw.headers["x-evenkeel-provider"], raw.headers.get("x-evenkeel-degraded")
        self.assertEqual(provider(), ("cloud", None))
        self.cloud_down()
        self.assertEqual(provider(), ("local", "true"))
        stream = client.chat.completions.create(model="practice", messages=QUESTION, stream=True)
        chunks = list(stream)
        self.assertEqual(chunks[-1].choices[0].finish_reason, "stop")
        self.all_back()
        eventually(lambda: provider() == ("cloud", None), "the cloud answers again", every_s=0.3)

    def test_nobody_can_answer(self):
        client = sdk(self)
        self.all_down()
        for stream in (False, True):
            with self.assertRaises(openai.InternalServerError) as raised:
                client.chat.completions.create(model="practice", messages=QUESTION, stream=stream)
            error = raised.exception
            self.assertEqual((error.status_code, error.code), (503, "all_providers_unavailable"))
            self.assertTrue(1 <= int(error.response.headers["retry-after"]) <= 60)
            self.assertEqual(error.response.headers["x-should-retry"], "true")

    def test_its_own_retry_brings_the_answer_once_somebody_is_back(self):
        self.practice.fault("cloud", "status-503-1s", times=1)
        self.practice.fault("local", "status-503", times=1)
        answer = sdk(self, max_retries=3).chat.completions.create(model="practice", messages=QUESTION)
        self.assertEqual(answer.choices[0].finish_reason, "stop")

    def test_a_stream_that_breaks_is_finished_by_another(self):
        self.practice.fault("cloud", "cut-5", times=1)
        chunks = list(sdk(self).chat.completions.create(model="practice", messages=QUESTION, stream=True))
        self.assertEqual(chunks[-1].choices[0].finish_reason, "stop")

    def test_a_stream_that_nobody_can_finish_raises_and_is_never_taken_for_whole(self):
        self.practice.both("cut-5")
        seen = []
        with self.assertRaises(openai.APIError):
            for chunk in sdk(self).chat.completions.create(model="practice", messages=QUESTION, stream=True):
                seen.append(chunk)
        self.assertTrue(seen)
        self.assertTrue(all(c.choices[0].finish_reason is None for c in seen))

    def test_an_error_inside_a_200_is_no_answer(self):
        self.practice.fault("cloud", "error_200")
        raw = sdk(self).chat.completions.with_raw_response.create(model="practice", messages=QUESTION)
        self.assertEqual(raw.headers["x-evenkeel-provider"], "local")


WEATHER = {"type": "function", "function": {"name": "get_weather", "parameters": {
    "type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}}}


class Tools(ClientCase):
    scripted = True

    def conversation(self, model):
        """Asks, runs both calls, hands their results back."""
        client = sdk(self)
        first = client.chat.completions.create(model=model, messages=QUESTION, tools=[WEATHER])
        self.assertEqual(first.choices[0].finish_reason, "tool_calls")
        calls = first.choices[0].message.tool_calls
        cities = [json.loads(call.function.arguments)["city"] for call in calls]
        self.assertEqual(cities, ["Paris", "Rome"])
        self.assertEqual(len({call.id for call in calls}), 2)
        messages = QUESTION + [first.choices[0].message] + [
            {"role": "tool", "tool_call_id": call.id, "content": f"rain in {city}"}
            for call, city in zip(calls, cities)]
        last = client.chat.completions.create(model=model, messages=messages, tools=[WEATHER])
        self.assertEqual(last.choices[0].message.content, "rain in Paris and rain in Rome")
        with client.chat.completions.stream(model=model, messages=QUESTION, tools=[WEATHER]) as stream:
            message = stream.get_final_completion().choices[0].message
        self.assertEqual([json.loads(c.function.arguments)["city"] for c in message.tool_calls], ["Paris", "Rome"])

    def test_at_the_cloud(self):
        self.conversation("practice")

    def test_at_the_local_model_in_an_outage(self):
        self.cloud.fail(503)
        self.conversation("practice")
        self.assertTrue(any(path == "/api/chat" for path, _ in self.local.seen))


class Embeddings(ClientCase):
    scripted = True

    def test_vectors_are_the_same_in_every_form(self):
        client = sdk(self)
        plain = client.embeddings.create(model="embedder", input=["a", "b"], encoding_format="float")
        packed = client.embeddings.create(model="embedder", input=["a", "b"])
        self.assertIsInstance(packed, openai.types.CreateEmbeddingResponse)
        self.assertEqual([e.embedding for e in plain.data], [e.embedding for e in packed.data])
        self.assertEqual([e.index for e in packed.data], [0, 1])
        self.assertEqual(packed.usage.prompt_tokens, 5)
        short = client.embeddings.create(model="embedder", input="a", dimensions=3)
        self.assertEqual(len(short.data[0].embedding), 3)

    def test_only_the_same_model_elsewhere_stands_in(self):
        client = sdk(self)
        before = client.embeddings.create(model="embedder", input="a").data[0].embedding
        self.cloud.fail(503)
        raw = client.embeddings.with_raw_response.create(model="embedder", input="a")
        self.assertEqual(raw.headers["x-evenkeel-provider"], "local")
        self.assertEqual(raw.parse().data[0].embedding, before)
        with self.assertRaises(openai.InternalServerError) as raised:
            client.embeddings.create(model="another", input="a")
        self.assertEqual(raised.exception.code, "all_providers_unavailable")

    def test_the_model_must_be_named(self):
        with self.assertRaises(openai.BadRequestError):
            sdk(self).embeddings.create(model="evenkeel", input="a")
