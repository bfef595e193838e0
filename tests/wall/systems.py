"""The systems that go through the wall: Evenkeel, and others with the same limits and a fail-over configuration."""
import asyncio
import contextlib
import pathlib
import re
import shutil
import signal
import socket
import subprocess


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def ms(seconds):
    return f"{round(seconds * 1000)}ms"


class System:
    """`configure` writes the settings of a cell, `start` runs the front door on cell.port."""
    name = ""

    def configure(self, cell):
        cell.port = free_port()

    def command(self, cell):
        raise NotImplementedError

    def version(self, run):
        """In the words of the system itself."""
        done = subprocess.run(list(map(str, self.asks_version(run))), capture_output=True, text=True, timeout=60)
        return re.search(r"\d+(\.\d+)+", done.stdout + done.stderr).group()

    def asks_version(self, run):
        return [self.name, "-v"]

    async def start(self, cell):
        from cell import listens
        for _ in range(3):
            with open(cell.dir / "front.err", "ab") as err:
                cell.front = await asyncio.create_subprocess_exec(*map(str, self.command(cell)), stdin=asyncio.subprocess.DEVNULL,
                                                                  stdout=err, stderr=err, env=cell.env, cwd=cell.dir)
            if await listens(cell.port, cell.front):
                return
            await self.stop(cell)
            self.configure(cell)  # Another one may have taken the port.
        raise RuntimeError(f"{self.name} does not start: {(cell.dir / 'front.err').read_text()[-400:]}")

    async def stop(self, cell):
        cell.peak_mib = peak_mib(cell.front.pid)
        with contextlib.suppress(ProcessLookupError):
            cell.front.send_signal(signal.SIGKILL)
        await cell.front.wait()


def peak_mib(pid):
    """The most memory that the process had resident, MiB."""
    with contextlib.suppress(OSError):
        for row in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines():
            if row.startswith("VmHWM:"):
                return round(int(row.split()[1]) / 1024, 1)
    return None


class Evenkeel(System):
    name = "evenkeel"
    configuration = "two [[provider]] tables; the limits of fault.py"

    def configure(self, cell):
        super().configure(cell)
        tls = f'ca_file = "{cell.run.authorities.ca_file}"' if cell.fault.tls else ""
        limits = "\n".join(f'{name} = "{ms(cell.limits[limit])}"' for name, limit in (
            ("connect_timeout", "connect"), ("first_content_timeout", "first"), ("reasoning_timeout", "reasoning"),
            ("idle_timeout", "idle"), ("answer_timeout", "answer"), ("total_timeout", "total")))

        def provider(name, server, extra=""):
            prefix = "/v1" if server.dialect == "openai" else ""
            key = 'api_key_env = "NANOGPT_API_KEY"' if server.dialect == "openai" else ""
            window = 8192 if name == "first" else 32768
            return (f'[[provider]]\nname = "{name}"\nkind = "{server.dialect}"\nbase_url = "{cell.upstream(server)}{prefix}"\n'
                    f'model = "{cell.models[name]}"\ncontext_tokens = {window}\n{key}\n{limits}\n{extra}\n')

        (cell.dir / "evenkeel.toml").write_text(
            f'[server]\nlisten = "127.0.0.1:{cell.port}"\n[queue]\nretry_delay_min = "100ms"\n'
            f'[route]\n{cell.route}\n'
            + provider("first", cell.ill, tls) + provider("second", cell.well))

    def command(self, cell):
        return [cell.program, "serve"]

    def asks_version(self, run):
        return [run.program, "--version"]


class Nginx(System):
    name = "nginx"
    configuration = "two servers, the second as backup; proxy_next_upstream for every error that it knows, non_idempotent"

    def configure(self, cell):
        super().configure(cell)
        d = cell.dir
        scheme = "https" if cell.fault.tls else "http"
        trust = (f"proxy_ssl_verify on; proxy_ssl_trusted_certificate {cell.run.authorities.ca_file}; "
                 f"proxy_ssl_name localhost; proxy_ssl_server_name on;") if cell.fault.tls else ""
        host = cell.fault.host or "127.0.0.1"
        (d / "nginx.conf").write_text(f"""
daemon off; master_process off; pid {d}/nginx.pid; error_log {d}/error.log;
events {{ worker_connections 128; }}
http {{
    access_log off;
    client_body_temp_path {d}/body; proxy_temp_path {d}/proxy; fastcgi_temp_path {d}/f; uwsgi_temp_path {d}/u; scgi_temp_path {d}/s;
    upstream providers {{
        server {host}:{cell.ill.port} max_fails=1 fail_timeout=10s;
        server 127.0.0.1:{cell.well.port} backup;
    }}
    server {{
        listen 127.0.0.1:{cell.port};
        location / {{
            proxy_pass {scheme}://providers; proxy_http_version 1.1; proxy_buffering off; {trust}
            proxy_set_header Connection ""; proxy_set_header Authorization "Bearer {cell.env['NANOGPT_API_KEY']}";
            proxy_connect_timeout {ms(cell.limits['connect'])}; proxy_read_timeout {ms(cell.limits['first'])};
            proxy_next_upstream error timeout invalid_header http_500 http_502 http_503 http_504 http_403 http_404 http_429
                non_idempotent;
        }}
    }}
}}
""")

    def command(self, cell):
        return ["nginx", "-p", cell.dir, "-c", cell.dir / "nginx.conf", "-e", cell.dir / "error.log"]


class Haproxy(System):
    name = "haproxy"
    configuration = "retry-on with every event and status that it knows, redispatch to the other server; weights 256 to 1"

    def configure(self, cell):
        super().configure(cell)
        ssl = f"ssl verify required ca-file {cell.run.authorities.ca_file} verifyhost localhost sni str(localhost)" \
            if cell.fault.tls else ""
        host = cell.fault.host or "127.0.0.1"
        (cell.dir / "haproxy.cfg").write_text(f"""
global
    maxconn 128
    tune.bufsize 65536
defaults
    mode http
    timeout connect {ms(cell.limits['connect'])}
    timeout client 10s
    timeout server {ms(cell.limits['first'])}
    default-server init-addr last,libc,none
frontend in
    bind 127.0.0.1:{cell.port}
    default_backend providers
backend providers
    balance roundrobin
    retries 2
    option redispatch 1
    retry-on conn-failure empty-response junk-response response-timeout 0rtt-rejected 401 403 404 408 425 500 501 502 503 504
    http-request set-header Authorization "Bearer {cell.env['NANOGPT_API_KEY']}"
    server first {host}:{cell.ill.port} {ssl} weight 256
    server second 127.0.0.1:{cell.well.port} {ssl} weight 1
""")

    def command(self, cell):
        return ["haproxy", "-db", "-f", cell.dir / "haproxy.cfg"]


class Litellm(System):
    """By hand only: `python3 -m venv V && V/bin/pip install 'litellm[proxy]'`, then --litellm V/bin/litellm."""
    name = "litellm"
    configuration = "two deployments, the second as fallback, num_retries 0"

    def __init__(self, program=None):
        self.program = program or shutil.which("litellm")

    def configure(self, cell):
        super().configure(cell)

        def model(name, server):
            base = cell.upstream(server) + "/v1"
            return (f"  - model_name: {name}\n    litellm_params:\n      model: openai/{cell.models[name]}\n      api_base: {base}\n"
                    f"      api_key: {cell.env['NANOGPT_API_KEY']}\n      timeout: {cell.limits['answer']}\n"
                    f"      stream_timeout: {cell.limits['first']}\n")

        (cell.dir / "litellm.yaml").write_text(
            "model_list:\n" + model("first", cell.ill) + model("second", cell.well) +
            "litellm_settings:\n  num_retries: 0\n  fallbacks: [{first: [second]}]\n  telemetry: false\n"
            "router_settings:\n  num_retries: 0\n  model_group_alias: {wall: first}\n")
        cell.env["SSL_CERT_FILE"] = str(cell.run.authorities.ca_file)

    def command(self, cell):
        return [self.program, "--config", cell.dir / "litellm.yaml", "--host", "127.0.0.1", "--port", cell.port]

    def asks_version(self, run):
        return [self.program, "--version"]


SYSTEMS = {system.name: system for system in (Evenkeel, Nginx, Haproxy, Litellm)}
