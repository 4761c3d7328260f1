"""Golden data of an exported voice, made by the official modules: inputs and outputs of every stage, each with its tolerance.

  python golden.py MODEL --index-tts PATH --prompt A.wav --emotion B.wav --long C.wav

writes MODEL/golden. Every stage takes the golden outputs of earlier ones. The tolerance is twenty times the difference between float32 and float64,
at least 2e-5 of the spread. Random draws: torch.multinomial(p, k) is replaced by the k largest of log(p) + noise[step] (-1000 for log 0).
"""
import argparse
import json
import os
import shutil

import numpy as np
import torch
import torch.nn.functional as F
import yaml
from safetensors.torch import load_file, save_file

import official

TEXT = "The train left the station, and nobody noticed."
NOTE = "by hand: signal processing in float32, near silence"


class Golden:
    def __init__(self, folder):
        self.folder, self.stages, self.kept = folder, {}, {}
        os.makedirs(folder, exist_ok=True)

    def put(self, stage, outputs, exact=None, inputs=(), params=None, extra=None, atol=None):
        """Writes a stage; `exact` are the same outputs in float64, `atol` tolerances by hand, `extra` tensors that are only inputs."""
        entry = dict(file=f"{stage}.safetensors", inputs=list(inputs), params=params or {}, outputs={})
        for name, value in outputs.items():
            item = dict(shape=list(value.shape))
            if value.is_floating_point():
                spread = float(value.double()[torch.isfinite(value)].std()) if value.numel() > 1 else abs(float(value))
                item["std"] = spread
                if atol and name in atol:
                    item["atol"], item["note"] = atol[name], NOTE
                else:
                    other = exact[name].double()
                    near = torch.isfinite(value) & torch.isfinite(other)
                    item["fp32_vs_fp64_max_abs"] = float((value.double() - other).abs()[near].max()) if near.any() else 0.0
                    item["atol"] = max(20 * item["fp32_vs_fp64_max_abs"], 2e-5 * spread, 1e-6)
            else:
                item["atol"] = (atol or {}).get(name, 0)
            entry["outputs"][name] = item
        tensors = {**outputs, **(extra or {})}
        tensors = {k: (v.float() if v.is_floating_point() else v.long()).contiguous().clone() for k, v in tensors.items()}
        save_file(tensors, os.path.join(self.folder, entry["file"]))
        os.chmod(os.path.join(self.folder, entry["file"]), 0o644)
        self.stages[stage] = entry
        self.kept[stage] = tensors
        print(stage, {k: f"{v['atol']:.1e}" for k, v in entry["outputs"].items()}, flush=True)

    def get(self, reference, dtype=None):
        stage, name = reference.split("/")
        value = self.kept[stage][name]
        return value.to(dtype) if dtype and value.is_floating_point() else value

    def close(self, params):
        with open(os.path.join(self.folder, "manifest.json"), "w") as file:
            json.dump(dict(format=1, **params, stages=self.stages), file, indent=1)


class Models:
    """The official networks of the folder in one precision."""

    def __init__(self, folder, dtype):
        from transformers import Wav2Vec2BertConfig, Wav2Vec2BertModel
        from indextts.s2mel.modules.bigvgan.bigvgan import BigVGAN
        from indextts.s2mel.modules.bigvgan.env import AttrDict
        from indextts.s2mel.modules.campplus.DTDNN import CAMPPlus
        from indextts.s2mel.modules.flow_matching import CFM
        from indextts.s2mel.modules.length_regulator import InterpolateRegulator
        from indextts.utils.maskgct.models.codec.kmeans.repcodec_model import RepCodec
        self.dtype = dtype
        cache = os.path.join(folder, "hf_cache")
        pt = lambda *parts: torch.load(os.path.join(folder, *parts), map_location="cpu", weights_only=True)
        with open(os.path.join(folder, "config.yaml")) as file:
            self.config = yaml.safe_load(file)
        with open(os.path.join(cache, "w2v-bert-2.0", "config.json")) as file:
            self.w2v = Wav2Vec2BertModel(Wav2Vec2BertConfig(**json.load(file)))
        self.fill(self.w2v, load_file(os.path.join(cache, "w2v-bert-2.0", "model.safetensors")), {"masked_spec_embed"})
        stats = pt("wav2vec2bert_stats.pt")
        self.mean, self.std = stats["mean"].to(dtype), stats["var"].to(dtype).sqrt()
        self.codec = RepCodec(**self.config["semantic_codec"])
        self.fill(self.codec, load_file(os.path.join(cache, "semantic_codec_model.safetensors")), {k for k in self.codec.state_dict() if k.startswith("decoder.")})
        state = pt("hf_cache", "campplus_cn_common.bin")
        growth = state["xvector.block1.tdnnd1.cam_layer.linear_local.weight"].shape
        self.cam = CAMPPlus(feat_dim=80, embedding_size=state["xvector.dense.linear.weight"].shape[0], growth_rate=growth[0], bn_size=growth[1] // growth[0],
                            init_channels=state["xvector.tdnn.linear.weight"].shape[0], memory_efficient=False)
        resize_head(self.cam, state)
        self.fill(self.cam, state, {k for k in self.cam.state_dict() if k.endswith("num_batches_tracked")})
        s2mel = pt("s2mel.pth")["net"]
        config = official.names(self.config["s2mel"])
        lengths = config.length_regulator
        self.regulator = InterpolateRegulator(channels=lengths.channels, sampling_ratios=lengths.sampling_ratios, is_discrete=False,
                                              in_channels=lengths.in_channels, codebook_size=lengths.content_codebook_size)
        self.fill(self.regulator, s2mel["length_regulator"], {"embedding.weight", "mask_token"})
        self.cfm = CFM(config)
        state = s2mel["cfm"]
        unread = {k for k in self.cfm.state_dict() if any(p in k for p in ("x_embedder", "cond_embedder", "content_mask_embedder", "skip_in_linear", "input_pos"))}
        self.fill(self.cfm, state, unread)
        parts = s2mel["gpt_layer"]
        self.layer = torch.nn.Sequential(*[torch.nn.Linear(parts[f"{i}.weight"].shape[1], parts[f"{i}.weight"].shape[0]) for i in range(3)])
        self.fill(self.layer, parts)
        with open(os.path.join(cache, "bigvgan", "config.json")) as file:
            self.vocoder = BigVGAN(AttrDict(json.load(file)), use_cuda_kernel=False)
        self.fill(self.vocoder, pt("hf_cache", "bigvgan", "bigvgan_generator.pt")["generator"])
        self.gpt = official.unified_voice()
        self.fill(self.gpt, pt("gpt.pth"), {"text_head.weight", "text_head.bias"})
        self.gpt.post_init_gpt2_config(use_deepspeed=False, kv_cache=True, half=False)
        self.cfm.estimator.setup_caches(max_batch_size=1, max_seq_length=4096)
        self.feat1, self.feat2 = pt("feat1.pt").to(dtype), pt("feat2.pt").to(dtype)

    def fill(self, module, state, absent=()):
        missing, unexpected = module.load_state_dict({k: v for k, v in state.items()}, strict=False)
        wrong = [k for k in missing if k not in absent]
        if wrong or unexpected:
            raise SystemExit(f"{type(module).__name__}: missing {wrong[:5]}, unexpected {unexpected[:5]}")
        module.to(self.dtype).eval()


def resize_head(cam, state):
    """The official front of CAM++ has its channels as a constant; this one takes them from the file."""
    from indextts.s2mel.modules.campplus import DTDNN
    width = state["head.conv1.weight"].shape[0]
    if width != cam.head.conv1.weight.shape[0]:
        cam.head = DTDNN.FCM(m_channels=width, feat_dim=80)
        linear = state["xvector.tdnn.linear.weight"]
        old = cam.xvector.tdnn.linear
        cam.xvector.tdnn.linear = torch.nn.Conv1d(linear.shape[1], linear.shape[0], linear.shape[2], stride=2, padding=old.padding, bias=False)


def tap(module, store, name):
    return module.register_forward_hook(lambda _m, _i, out: store.__setitem__(name, (out[0] if isinstance(out, tuple) else out).detach().clone()))


def both(models, function):
    """Runs in float32 and float64."""
    results = []
    for m in models:
        torch.set_default_dtype(m.dtype)
        try:
            results.append(function(m))
        finally:
            torch.set_default_dtype(torch.float32)
    return results


class Draws:
    """Replaces torch.multinomial by the rule above and records scores."""

    def __init__(self, noise):
        self.noise, self.step, self.draws, self.margins = noise, 0, [], []

    def __call__(self, p, num_samples, replacement=False, **_):
        logs = torch.where(p > 0, p.log(), torch.full_like(p, -1000.0)).float().flatten() + self.noise[self.step].float()
        best = logs.topk(num_samples + 1)
        self.margins.append(float((best.values[:-1] - best.values[1:]).min()))
        self.draws.append(best.indices[:num_samples])
        self.step += 1
        return best.indices[:num_samples].view(1, -1)


def generate(m, g, tokens, beams=1, noise=None, bias=0.0, penalty=1.0, greedy=False, typical=None, **settings):
    from transformers import LogitsProcessorList
    from indextts.utils.typical_sampling import TypicalLogitsWarper
    voice, dtype = m.gpt, m.dtype
    ids, latents, emotion = g.get("gpt_prefill/text_ids"), g.get("conditioning/spk_latents", dtype), g.get("conditioning/emovec_alpha_1_0", dtype)
    speed = voice.speed_emb.weight
    conds = torch.cat([latents + emotion[:, None], speed[1].view(1, 1, -1), speed[0].view(1, 1, -1)], 1)
    fake, embeds, mask = voice.prepare_gpt_inputs(conds, ids)
    voice.inference_model.store_mel_emb(embeds)
    draws = Draws(noise) if noise is not None else None
    held = torch.multinomial
    if draws:
        torch.multinomial = draws
    voice.mel_head.bias.data[voice.stop_mel_token] += bias
    try:
        out = voice.inference_model.generate(
            fake, bos_token_id=voice.start_mel_token, pad_token_id=voice.stop_mel_token, eos_token_id=voice.stop_mel_token, attention_mask=mask,
            max_length=fake.shape[1] + tokens, num_return_sequences=1, do_sample=not greedy, num_beams=beams, repetition_penalty=float(penalty),
            length_penalty=0.0, output_scores=True, return_dict_in_generate=True, output_logits=True,
            logits_processor=LogitsProcessorList([TypicalLogitsWarper(mass=typical)] if typical else []), **settings)
    finally:
        torch.multinomial = held
        voice.mel_head.bias.data[voice.stop_mel_token] -= bias
    return out, out.sequences[:, fake.shape[1]:], draws


@torch.no_grad()
def make(args):
    import librosa
    from transformers import SeamlessM4TFeatureExtractor
    from transformers.audio_utils import mel_filter_bank, spectrogram, window_function
    import features as signal
    models = [Models(args.model, torch.float32), Models(args.model, torch.float64)]
    g = Golden(os.path.join(args.model, "golden"))
    m = models[0]
    for source, name in ((args.prompt, "prompt.wav"), (args.emotion, "emotion.wav"), (args.long, "long.wav")):
        shutil.copyfile(source, os.path.join(g.folder, name))
    path = lambda name: os.path.join(g.folder, name)
    load = lambda name, rate: torch.from_numpy(librosa.load(path(name), sr=rate)[0])[None, : 15 * rate]
    down = signal.To16k("cpu")

    def to16(x):
        return down(x)

    spk22, long22 = load("prompt.wav", 22050), load("long.wav", 22050)
    audio = dict(spk_22k=spk22, spk_16k=to16(spk22), spk_emo16k=load("prompt.wav", 16000), emo_emo16k=load("emotion.wav", 16000),
                 emo_22k_first=load("emotion.wav", 22050)[:, :8000], long_22k_shape=torch.tensor(long22.shape), long_22k_last=long22[:, -4000:],
                 long_16k_last=to16(long22)[:, -3000:])
    g.put("audio", audio, params=dict(spk="prompt.wav", emo="emotion.wav", long="long.wav"),
          atol={k: 2e-4 for k, v in audio.items() if v.is_floating_point()})
    extractor = SeamlessM4TFeatureExtractor(feature_size=80, num_mel_bins=80, sampling_rate=16000, stride=2, padding_value=1.0)
    out = {}
    for clip, source in (("spk", "spk_16k"), ("emo", "emo_emo16k"), ("spk_as_emo", "spk_emo16k")):
        made = extractor(audio[source][0].numpy(), sampling_rate=16000, return_tensors="pt")
        out[f"{clip}_features"], out[f"{clip}_mask"] = made["input_features"], made["attention_mask"]
    g.put("features", out, inputs=["audio/spk_16k", "audio/emo_emo16k", "audio/spk_emo16k"], atol={k: 2e-3 for k in out if k.endswith("features")})

    def w2v(m):
        made = {}
        for clip in ("spk", "emo", "spk_as_emo"):
            states = m.w2v(input_features=g.get(f"features/{clip}_features", m.dtype), attention_mask=g.get(f"features/{clip}_mask"),
                           output_hidden_states=True).hidden_states
            for i in (0, 1, 8, 17) if clip == "spk" else (17,) if clip == "emo" else ():
                made[f"{clip}_hidden_{i}"] = states[i]
            made[f"{clip}_cond"] = (states[17] - m.mean) / m.std
        return made
    g.put("w2v", *both(models, w2v), inputs=[f"features/{c}_{p}" for c in ("spk", "emo", "spk_as_emo") for p in ("features", "mask")])

    def semantic(m):
        held = {}
        hook = tap(m.codec.encoder, held, "encoder_out")
        codes, vectors = m.codec.quantize(g.get("w2v/spk_cond", m.dtype))
        hook.remove()
        encoded = held["encoder_out"]
        encoded = encoded if encoded.shape[1] == m.config["semantic_codec"]["hidden_size"] else encoded.transpose(1, 2)
        q = m.codec.quantizer.quantizers[0]
        e = F.normalize(q.in_project(encoded).transpose(1, 2)[0], dim=1) @ F.normalize(q.codebook.weight, dim=1).T
        best = e.topk(2).values
        return dict(encoder_out=encoded, code_cosine_margin=best[:, 0] - best[:, 1], codes=codes.view(1, -1), s_ref=vectors)
    g.put("semantic", *both(models, semantic), inputs=["w2v/spk_cond"])

    bank = mel_filter_bank(257, 80, 20, 8000, 16000, norm=None, mel_scale="kaldi", triangularize_in_mel_space=True)
    fbank = torch.from_numpy(spectrogram(
        audio["spk_16k"][0].numpy(), window_function(400, "povey", periodic=False), frame_length=400, hop_length=160, fft_length=512, power=2.0, center=False,
        preemphasis=0.97, mel_filters=bank, log_mel="log", mel_floor=1.192092955078125e-07, remove_dc_offset=True).T).float()
    g.put("fbank", dict(fbank=fbank, fbank_centered=fbank - fbank.mean(0, keepdim=True)), inputs=["audio/spk_16k"], atol=dict(fbank=0.009, fbank_centered=0.009))

    def campplus(m):
        held, hooks = {}, []
        for name, part in (("head", m.cam.head), ("tdnn", m.cam.xvector.tdnn), *((f"block{i}", getattr(m.cam.xvector, f"block{i}")) for i in (1, 2, 3))):
            hooks.append(tap(part, held, name))
        style = m.cam(g.get("fbank/fbank_centered", m.dtype)[None])
        for hook in hooks:
            hook.remove()
        made = dict(head=held["head"], tdnn=held["tdnn"], style=style)
        made.update({f"block{i}_every_4th_frame": held[f"block{i}"][:, :, ::4] for i in (1, 2, 3)})
        return made
    g.put("campplus", *both(models, campplus), inputs=["fbank/fbank_centered"])
    from indextts.s2mel.modules.audio import mel_spectrogram
    mel = mel_spectrogram(spk22, n_fft=1024, num_mels=80, sampling_rate=22050, hop_size=256, win_size=1024, fmin=0, fmax=None, center=False)
    g.put("ref_mel", dict(mel=mel), inputs=["audio/spk_22k"], atol=dict(mel=2e-3))
    length = torch.tensor([mel.shape[2]])

    def prompt_condition(m):
        return dict(prompt_condition=m.regulator(g.get("semantic/s_ref", m.dtype), ylens=length, n_quantizers=3, f0=None)[0])
    g.put("prompt_condition", *both(models, prompt_condition), inputs=["semantic/s_ref", "ref_mel/mel"])

    def conditioning(m):
        voice = m.gpt
        spk, emo, own = (g.get(f"w2v/{c}_cond", m.dtype) for c in ("spk", "emo", "spk_as_emo"))
        full = torch.tensor([1024])
        held = {}
        hooks = [tap(voice.conditioning_encoder.embed, held, "sub"), tap(voice.conditioning_encoder, held, "conf"),
                 tap(voice.emo_conditioning_encoder, held, "emo_conf"), tap(voice.emo_perceiver_encoder, held, "emo_perc")]
        vector = lambda x, n=full: voice.emo_layer(voice.emovec_layer(voice.get_emo_conditioning(x.transpose(1, 2), n)))
        latents = voice.get_conditioning(spk.transpose(1, 2), full)
        made = dict(spk_conformer=held["conf"], spk_subsampled=held["sub"], spk_latents=latents)
        base = vector(spk)
        emotion = vector(emo)
        made.update(emo_conformer=held["emo_conf"], emo_perceiver=held["emo_perc"].squeeze(1), base_vec=base, emo_vec=emotion)
        made["emovec_alpha_1_0"] = base + 1.0 * (emotion - base)
        made["emovec_alpha_0_6"] = base + 0.6 * (emotion - base)
        made["emovec_default"] = base + 1.0 * (vector(own) - base)
        short = torch.tensor([101])
        made["spk_latents_masked"] = voice.get_conditioning(spk.transpose(1, 2), short)
        made["base_vec_masked"] = vector(spk, short)
        for hook in hooks:
            hook.remove()
        return made
    g.put("conditioning", *both(models, conditioning), inputs=["w2v/spk_cond", "w2v/emo_cond", "w2v/spk_as_emo_cond"], params=dict(masked_length=101))

    vectors = []
    for vector, alpha in (([0, 0, 0, 0, 0, 0, 0.45, 0], 1.0), ([0.8, 0, 0, 0, 0, 0, 0, 0.2], 0.65), ([0.9, 0.7, 0.3, 0, 0.4, 0.1, 0, 0.25], 1.0)):
        scale = max(0.0, min(1.0, alpha))
        vectors.append(dict(vector=vector, emo_alpha=alpha, scaled=vector if scale == 1 else [int(v * scale * 10000) / 10000 for v in vector]))

    def emo_vector(m):
        counts = m.config["emo_num"]
        style = g.get("campplus/style", m.dtype)
        rows = [int(F.cosine_similarity(style, part, dim=1).argmax()) for part in m.feat1.split(counts)]
        made = dict(row_index=torch.tensor(rows))
        for i, one in enumerate(vectors):
            w = torch.tensor(one["scaled"], dtype=m.dtype)
            mix = (w[:, None] * torch.stack([part[r] for part, r in zip(m.feat2.split(counts), rows)])).sum(0, keepdim=True)
            made[f"mat_{i}"] = mix
            made[f"emovec_{i}"] = mix + (1 - w.sum()) * g.get("conditioning/emovec_default", m.dtype)
        return made
    g.put("emo_vector", *both(models, emo_vector), inputs=["campplus/style", "conditioning/emovec_default"], params=dict(vectors=vectors, normalize_emo_vec=limited(args.index_tts)))

    import sentencepiece
    pieces = sentencepiece.SentencePieceProcessor(model_file=os.path.join(args.model, m.config["dataset"]["bpe_model"]))
    ids = torch.tensor([pieces.encode(TEXT.upper())])
    padded = torch.cat([ids[:, :3], torch.tensor([[1, 0]]), ids[:, 3:]], 1)

    def prefill(m):
        voice = m.gpt
        latents, emotion = g.get("conditioning/spk_latents", m.dtype), g.get("conditioning/emovec_alpha_1_0", m.dtype)
        speed = voice.speed_emb.weight
        conds = torch.cat([latents + emotion[:, None], speed[1].view(1, 1, -1), speed[0].view(1, 1, -1)], 1)
        made = {}
        for name, text in (("", ids), ("padded_", padded)):
            fake, embeds, mask = voice.prepare_gpt_inputs(conds, text)
            voice.inference_model.store_mel_emb(embeds)
            held = {}
            hooks = [tap(voice.gpt.h[0], held, "block"), tap(voice.gpt.ln_f, held, "last")]
            logits = voice.inference_model(input_ids=fake, attention_mask=mask, return_dict=True).logits
            for hook in hooks:
                hook.remove()
            made[name + "prefix"] = embeds
            made[name + "logits_last"] = logits[:, -1]
            if name:
                made["padded_text_ids"], made["padded_mask"] = text, mask
            else:
                made.update(fake_ids=fake, last_hidden=held["last"][:, -1], hidden_block_0=held["block"])
        return made
    g.put("gpt_prefill", *both(models, prefill), inputs=["conditioning/spk_latents", "conditioning/emovec_alpha_1_0", "self/text_ids"], extra=dict(text_ids=ids))
    conditions = ["conditioning/spk_latents", "conditioning/emovec_alpha_1_0", "gpt_prefill/text_ids"]
    start = m.config["gpt"]["start_mel_token"]

    torch.manual_seed(3)
    forced = torch.randint(0, start, (1, 64))

    def teacher(m):
        voice = m.gpt
        latents, emotion = g.get("conditioning/spk_latents", m.dtype), g.get("conditioning/emovec_alpha_1_0", m.dtype)
        speed = voice.speed_emb.weight
        conds = torch.cat([latents + emotion[:, None], speed[1].view(1, 1, -1), speed[0].view(1, 1, -1)], 1)
        fake, embeds, mask = voice.prepare_gpt_inputs(conds, ids)
        voice.inference_model.store_mel_emb(embeds)
        out = voice.inference_model(input_ids=fake, attention_mask=mask, use_cache=True, return_dict=True)
        rows, past = [out.logits[:, -1]], out.past_key_values
        for i in range(forced.shape[1]):
            mask = F.pad(mask, (0, 1), value=1)
            out = voice.inference_model(input_ids=forced[:, i:i + 1], attention_mask=mask, past_key_values=past, use_cache=True, return_dict=True)
            past = out.past_key_values
            rows.append(out.logits[:, -1])
        return dict(logits=torch.stack(rows, 1))
    g.put("gpt_teacher", *both(models, teacher), inputs=conditions + ["self/teacher_codes"], extra=dict(teacher_codes=forced))

    tokens = 100

    def greedy(m):
        made = {}
        for penalty in (1, 10):
            out, codes, _ = generate(m, g, tokens, penalty=penalty, greedy=True)
            codes = codes[0]
            stop = (codes == m.gpt.stop_mel_token).nonzero()
            codes = codes[: int(stop[0])] if len(stop) else codes
            scores = torch.cat(list(out.scores)).topk(2).values
            made[f"codes_rp{penalty}"], made[f"margin_rp{penalty}"] = codes[None], scores[:, 0] - scores[:, 1]
        return made
    g.put("gpt_greedy", *both(models, greedy), inputs=conditions, params=dict(tokens=tokens))

    torch.manual_seed(4)
    wide = m.config["gpt"]["number_mel_codes"]
    noise = -torch.log(-torch.log(torch.rand(140, wide).clamp(1e-9, 1 - 1e-7)))
    usual = dict(top_p=0.8, top_k=30, temperature=0.8, repetition_penalty=10.0)
    settings = dict(defaults=usual, hot=dict(top_p=0.95, top_k=0, temperature=1.3, repetition_penalty=1.5), typical=dict(usual, typical_mass=0.7))

    def sample(m):
        made = {}
        for name, prefix, count in (("defaults", "", 64), ("hot", "hot_", 24), ("typical", "typical_", 24)):
            given = dict(settings[name])
            penalty, mass = given.pop("repetition_penalty"), given.pop("typical_mass", None)
            out, codes, draws = generate(m, g, count, noise=noise, penalty=penalty, typical=mass, **given)
            made[prefix + "codes"] = strip(codes, m)
            made[prefix + "draws"] = torch.stack(draws.draws)
            made[prefix + "draw_margin"] = torch.tensor(draws.margins)
            made[prefix + "raw_logits"] = torch.stack(list(out.logits)[:6])
            made[prefix + "processed_scores"] = torch.stack(list(out.scores)[:6])
        return made
    try:
        g.put("gpt_sample", *both(models, sample), inputs=conditions + ["self/noise"], extra=dict(noise=noise),
              params=dict(tokens=64, tokens_other=24, score_steps=6, **settings))
    except Exception as error:
        print("gpt_sample left out:", repr(error)[:300])

    torch.manual_seed(5)
    spoken = g.get("gpt_greedy/codes_rp1")[:, :60]
    if spoken.shape[1] < 20:
        spoken = torch.randint(0, start, (1, 60))

    def latent(m):
        return dict(latent=m.gpt(g.get("conditioning/spk_latents", m.dtype), ids, torch.tensor([ids.shape[1]]), spoken.clone(), torch.tensor([spoken.shape[1]]), None,
                                 emo_vec=g.get("conditioning/emovec_alpha_1_0", m.dtype), use_speed=torch.zeros(1, dtype=torch.long)))
    g.put("gpt_latent", *both(models, latent), inputs=conditions + ["self/latent_codes"], extra=dict(latent_codes=spoken))

    def s_infer(m):
        projected = m.layer(g.get("gpt_latent/latent", m.dtype))
        embedded = m.codec.quantizer.vq2emb(spoken.unsqueeze(1)).transpose(1, 2)
        lengths = (torch.tensor([spoken.shape[1]]) * 1.72).long()
        return dict(gpt_layer=projected, code_emb=embedded, s_infer=projected + embedded, target_lengths=lengths,
                    cond=m.regulator(projected + embedded, ylens=lengths, n_quantizers=3, f0=None)[0])
    g.put("s_infer", *both(models, s_infer), inputs=["gpt_latent/latent", "gpt_latent/latent_codes"])

    torch.manual_seed(6)
    total = mel.shape[2] + int(g.get("s_infer/target_lengths"))
    z = torch.randn(1, 80, total)

    def cfm(m):
        mu = torch.cat([g.get("prompt_condition/prompt_condition", m.dtype), g.get("s_infer/cond", m.dtype)], 1)
        held = []
        hook = m.cfm.estimator.register_forward_hook(lambda _m, i, out: held.append((i[0][:1].clone(), out.clone())))
        result = m.cfm.solve_euler(z.to(m.dtype).clone(), torch.tensor([total]), g.get("ref_mel/mel", m.dtype), mu, g.get("campplus/style", m.dtype), None,
                                   torch.linspace(0, 1, 26), 0.7)
        hook.remove()
        first = mel.shape[2]
        t = torch.tensor([0.2])
        return dict(step0_cond=held[0][1][:1], step0_null=held[0][1][1:], x_after_1=held[1][0][:, :, first:], x_after_5=held[5][0][:, :, first:],
                    mel_25=result[:, :, first:], t_emb_0_2=m.cfm.estimator.t_embedder(t), t_emb2_0_2=m.cfm.estimator.t_embedder2(t))
    g.put("cfm", *both(models, cfm), inputs=["prompt_condition/prompt_condition", "s_infer/cond", "ref_mel/mel", "campplus/style", "self/z"], extra=dict(z=z),
          params=dict(steps=25, cfg_rate=0.7))

    def bigvgan(m):
        held = {}
        hooks = [tap(m.vocoder.conv_pre, held, "conv_pre"), tap(m.vocoder.ups[0][0], held, "up_0"), tap(m.vocoder.resblocks[0], held, "resblock_0")]
        wav = m.vocoder(g.get("cfm/mel_25", m.dtype))
        for hook in hooks:
            hook.remove()
        return dict(**held, wav=wav, int16=(32767 * wav.squeeze(1)).clamp(-32767, 32767).to(torch.int16).long())
    g.put("bigvgan", *both(models, bigvgan), inputs=["cfm/mel_25"], atol=dict(int16=1))
    import importlib.metadata as versions
    g.close(dict(model_dim=m.config["gpt"]["model_dim"], speech_text=TEXT,
                 versions={p: versions.version(p) for p in ("torch", "transformers", "librosa", "numpy", "sentencepiece")},
                 sampling=dict(rule="the k largest of log(p) + noise[step] (float32), largest first; log(0) = -1000")))


def limited(checkout):
    """What the official weighting of hand-set vectors gives; its class loads too much to be imported for this one function."""
    import ast
    with open(os.path.join(checkout, "indextts", "infer_v2.py"), encoding="utf-8") as file:
        tree = ast.parse(file.read())
    function = next(node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef) and node.name == "normalize_emo_vec")
    place = {}
    exec(compile(ast.Module([function], []), "infer_v2.py", "exec"), place)
    rows = []
    for vector in ([0, 0, 0, 0, 0, 0, 0.45, 0], [0.8, 0, 0, 0, 0, 0, 0, 0.2], [0.9, 0.7, 0.3, 0, 0.4, 0.1, 0, 0.25]):
        for bias in (True, False):
            rows.append(dict(vector=vector, apply_bias=bias, result=list(place["normalize_emo_vec"](None, list(vector), bias))))
    return rows


def strip(codes, m):
    stop = (codes[0] == m.gpt.stop_mel_token).nonzero()
    return codes[:, : int(stop[0]) + 1] if len(stop) else codes


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model")
    parser.add_argument("--index-tts", required=True)
    parser.add_argument("--prompt", required=True)
    parser.add_argument("--emotion", required=True)
    parser.add_argument("--long", required=True)
    arguments = parser.parse_args()
    official.use(arguments.index_tts)
    make(arguments)
