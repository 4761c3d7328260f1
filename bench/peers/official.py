"""The official IndexTTS-2 implementation, as a peer of Syrinx: its own modules from a checkout that the user has, with seeded random weights, timed on request.

    python official.py CHECKOUT eager|compile|accel

Speaks the same lines as pytorch.py (setup CASE THREADS DEVICE DTYPE, run, quit). Nothing of the checkout is copied here, it is imported. Its stages run as its own program runs them: in fp32 (fp16
only where its accel engine wants it), with its generate() for codes, its Euler solver for the flow, BigVGAN with the torch activation. Dimensions are the official ones; a case of others is refused.
"""

import contextlib
import importlib.util
import json
import os
import pathlib
import sys
import time

import torch

FLOW_STEPS = 5
CODES = (4, 20)  # two lengths of a generation: their difference is the time of the steps alone
PLACE = {}


def shims():
    """The project's own stand-ins for packages that the modules name and do not need."""
    path = pathlib.Path(__file__).resolve().parents[2] / "test-data" / "voice" / "train" / "official.py"
    spec = importlib.util.spec_from_file_location("shims", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def tree(**members):
    return members


S2MEL = tree(
    dit_type="DiT", reg_loss_type="l1", style_encoder=tree(dim=192),
    length_regulator=tree(channels=512, is_discrete=False, in_channels=1024, content_codebook_size=2048, sampling_ratios=[1, 1, 1, 1], vector_quantize=False, n_codebooks=1,
                          quantizer_dropout=0.0, f0_condition=False, n_f0_bins=512),
    DiT=tree(hidden_dim=512, num_heads=8, depth=13, class_dropout_prob=0.1, block_size=8192, in_channels=80, style_condition=True, final_layer_type="wavenet", target="mel", content_dim=512,
             content_codebook_size=1024, content_type="discrete", f0_condition=False, n_f0_bins=512, content_codebooks=1, is_causal=False, long_skip_connection=True,
             zero_prompt_speech_token=False, time_as_token=False, style_as_token=False, uvit_skip_connection=True, add_resblock_in_transformer=False),
    wavenet=tree(hidden_dim=512, num_layers=8, kernel_size=5, dilation_rate=1, p_dropout=0.2, style_condition=True))

GPT = tree(
    model_dim=1280, max_mel_tokens=1815, max_text_tokens=600, heads=20, use_mel_codes_as_input=True, mel_length_compression=1024, layers=24, number_text_tokens=12000, number_mel_codes=8194,
    start_mel_token=8192, stop_mel_token=8193, start_text_token=0, stop_text_token=1, train_solo_embeddings=False, condition_type="conformer_perceiver",
    condition_module=tree(output_size=512, linear_units=2048, attention_heads=8, num_blocks=6, input_layer="conv2d2", perceiver_mult=2),
    emo_condition_module=tree(output_size=512, linear_units=1024, attention_heads=4, num_blocks=4, input_layer="conv2d2", perceiver_mult=2))

BIGVGAN = tree(
    resblock="1", upsample_rates=[4, 4, 2, 2, 2, 2], upsample_kernel_sizes=[8, 8, 4, 4, 4, 4], upsample_initial_channel=1536, resblock_kernel_sizes=[3, 7, 11],
    resblock_dilation_sizes=[[1, 3, 5]] * 3, use_tanh_at_final=False, use_bias_at_final=False, activation="snakebeta", snake_logscale=True, num_mels=80)


class Refused(Exception):
    """This case cannot be run here."""


def same(what, given, official):
    if given and list(given) != official:
        raise Refused(f"the official {what} is of fixed dimensions {official}, and this study's model has {list(given)}")


class Decode:
    """A step of inference_speech: half a difference of generations of two lengths, each with its own prefill. Milliseconds."""

    def __init__(self, way, context, beams, *dims):
        same("decoder", dims, [1280, 24, 20, 8194])
        fix.newer_transformers()
        fix.older_defaults()
        from indextts.gpt.model_v2 import UnifiedVoice
        accel = way == "accel"
        if accel and PLACE["device"] == "cpu":
            raise Refused("the accel engine needs a GPU")
        if accel and beams > 1:
            raise Refused("the accel engine samples, it has no beams")
        if accel and importlib.util.find_spec("flash_attn") is None:
            raise Refused("the accel engine needs flash-attn, which is not installed here")
        with torch.device(PLACE["device"]):
            voice = UnifiedVoice(**GPT, use_accel=accel)
        self.voice = voice.to(PLACE["device"]).eval()  # some of its parameters are made on the CPU whatever the default is
        self.voice.post_init_gpt2_config(use_deepspeed=False, kv_cache=True, half=accel)
        with torch.no_grad():  # no code ends the speech: every generation is as long as it is asked to be
            self.voice.mel_head.bias[8193] = -1e4
            self.voice.mel_head.bias[8192] = -1e4
        texts = context - 32 - 5 - 32
        self.text = torch.arange(2, 2 + texts, device=PLACE["device"]).unsqueeze(0)
        self.features = torch.randn(1, 250, 1024, device=PLACE["device"])
        self.emotion = torch.randn(1, 1280, device=PLACE["device"])
        self.beams = beams

    def generate(self, codes):
        length = torch.tensor([self.features.shape[-1]], device=PLACE["device"])
        began = now()
        self.voice.inference_speech(
            self.features, self.text, self.features, cond_lengths=length, emo_cond_lengths=length, emo_vec=self.emotion, do_sample=True, top_p=0.8, top_k=30, temperature=0.8,
            num_return_sequences=1, length_penalty=0.0, num_beams=self.beams, repetition_penalty=10.0, max_generate_length=codes)
        return now() - began

    def run(self):
        few, many = (self.generate(count) for count in CODES)
        return 1e3 * (many - few) / (CODES[1] - CODES[0])


class Flow:
    """A step of the official Euler solver: a part of FLOW_STEPS of them."""

    def __init__(self, way, frames, prompt, *dims):
        same("flow", dims, [512, 8, 13, 1536, 80, 192, 8, 5, 512])
        from indextts.s2mel.modules.flow_matching import CFM
        self.cfm = CFM(fix.names(S2MEL)).to(PLACE["device"]).eval()
        self.cfm.estimator.setup_caches(max_batch_size=1, max_seq_length=8192)
        if way == "compile":
            self.cfm.enable_torch_compile()
        place = PLACE["device"]
        self.given = (torch.randn(1, frames, 512, device=place), torch.tensor([frames], device=place), torch.randn(1, 80, prompt, device=place), torch.randn(1, 192, device=place))

    def run(self):
        began = now()
        self.cfm.inference(*self.given, None, FLOW_STEPS, inference_cfg_rate=0.7)
        return 1e3 * (now() - began) / FLOW_STEPS


class Vocoder:
    """BigVGAN with the torch activation."""

    def __init__(self, way, frames, *dims):
        same("vocoder", dims, [1536, 80, 3, 3, 7, 11, 4, 4, 2, 2, 2, 2, 8, 8, 4, 4, 4, 4])
        from indextts.s2mel.modules.bigvgan import bigvgan
        from indextts.s2mel.modules.bigvgan.env import AttrDict
        self.net = bigvgan.BigVGAN(AttrDict(BIGVGAN), use_cuda_kernel=False).to(PLACE["device"])
        self.net.remove_weight_norm()
        self.net.eval()
        self.mel = torch.randn(1, 80, frames, device=PLACE["device"])

    def run(self):
        began = now()
        self.net(self.mel)
        return 1e3 * (now() - began)


CASES = {"decode": Decode, "flow": Flow, "vocoder": Vocoder}


def now():
    if PLACE["device"] != "cpu":
        torch.cuda.synchronize()
    return time.perf_counter()


def setup(way, case, threads, device="cpu", dtype="float32"):
    torch.set_num_threads(int(threads))
    torch.manual_seed(1)
    PLACE.update(device=device)
    name, _, sizes = case.partition(":")
    if name not in CASES:
        raise Refused(f"no official stage is called {name}")
    return CASES[name](way, *[int(s) for s in sizes.split(",") if s])


@torch.inference_mode()
def answer(way, words, case):
    if words[0] == "setup":
        case.clear()
        case.append(setup(way, *words[1:]))
        return {"ready": words[1]}
    return {"ms": case[0].run()}


def main():
    global fix
    checkout, way = sys.argv[1:3]
    lines = os.fdopen(os.dup(1), "w", buffering=1)
    fix = shims()
    fix.use(checkout)
    for noisy in ("TQDM_DISABLE", "HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE"):
        os.environ.setdefault(noisy, "1")
    precision = "fp16" if way == "accel" else "fp32"
    print(json.dumps({"peer": f"official code, {way}, {precision}, random weights", "version": f"torch {torch.__version__}"}), file=lines, flush=True)
    case = []
    with contextlib.redirect_stdout(sys.stderr):  # the official code prints
        for line in sys.stdin:
            words = line.split()
            if not words or words[0] == "quit":
                return
            try:
                reply = answer(way, words, case)
            except Exception as e:  # whatever is missing on this machine is the answer
                reply = {"refused": f"{type(e).__name__}: {e}".splitlines()[0][:300]}
            print(json.dumps(reply), file=lines, flush=True)


if __name__ == "__main__":
    main()
