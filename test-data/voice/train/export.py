"""Writes the trained parts as a model folder in the official layout, matrices in fp16, and compares the GPT with the official class."""
import json
import os
import shutil

import torch
import yaml
from safetensors.torch import save_file

import common
import dims

# tensors that inference never reads; the official loaders accept their absence
POSITIONS = "mel_pos_embedding.emb.weight"
UNUSED = ("x_embedder.", "cond_embedder.", "content_mask_embedder.", "embedding.weight", "mask_token", "input_pos")


def slim(state):
    """Half precision, but for the running statistics of CAM++, whose range is wide; counters are left out."""
    keep = lambda key, value: value if "running_" in key or not value.is_floating_point() else value.half()
    return {key: keep(key, value).contiguous().clone() for key, value in state.items() if "num_batches_tracked" not in key}


def load(work, name):
    return torch.load(os.path.join(work, "ckpt", name), map_location="cpu", weights_only=False)


def flow_parts(state):
    parts = {name: {} for name in ("cfm", "length_regulator", "gpt_layer")}
    skips = dims.S2MEL["DiT"]["depth"] // 2
    for key, value in state.items():
        part, rest = key.split(".", 1)
        plain = rest.removeprefix("estimator.")
        if plain.startswith(UNUSED):
            continue
        if ".skip_in_linear." in plain and int(plain.split(".")[2]) <= skips:
            continue
        parts[part][rest] = value
    return parts


def export(args, out):
    work = args.work
    cache = os.path.join(out, "hf_cache")
    for folder in ("w2v-bert-2.0", "bigvgan"):
        os.makedirs(os.path.join(cache, folder), exist_ok=True)
    with open(os.path.join(out, "config.yaml"), "w") as file:
        yaml.safe_dump(dims.config(), file, sort_keys=False)
    shutil.copy(os.path.join(work, "bpe.model"), out)
    gpt = load(work, "gpt.pt")
    spoken = {key: value for key, value in gpt["model"].items() if not key.startswith("text_head.")}
    spoken[POSITIONS] = spoken[POSITIONS][:dims.LONGEST + 3]
    torch.save(slim(spoken), os.path.join(out, "gpt.pth"))
    torch.save(gpt["feat1"].float(), os.path.join(out, "feat1.pt"))
    torch.save(gpt["feat2"].float(), os.path.join(out, "feat2.pt"))
    parts = flow_parts(load(work, "flow.pt")["model"])
    torch.save({"net": {name: slim(part) for name, part in parts.items()}}, os.path.join(out, "s2mel.pth"))
    torch.save({"generator": slim(load(work, "vocoder.pt")["model"])}, os.path.join(cache, "bigvgan", "bigvgan_generator.pt"))
    write_json(os.path.join(cache, "bigvgan", "config.json"), dims.BIGVGAN)
    content = load(work, "content.pt")
    torch.save({"mean": content["mean"].float(), "var": content["var"].float()}, os.path.join(out, "wav2vec2bert_stats.pt"))
    encoder = {key: value for key, value in content["model"].items() if key != "masked_spec_embed"}
    save_file(slim(encoder), os.path.join(cache, "w2v-bert-2.0", "model.safetensors"))
    write_json(os.path.join(cache, "w2v-bert-2.0", "config.json"),
               {**dims.W2V, **content.get("config", {}), "model_type": "wav2vec2-bert", "architectures": ["Wav2Vec2BertModel"]})
    write_json(os.path.join(cache, "w2v-bert-2.0", "preprocessor_config.json"), dict(
        feature_extractor_type="SeamlessM4TFeatureExtractor", feature_size=80, num_mel_bins=80, padding_side="right", padding_value=1.0,
        return_attention_mask=True, sampling_rate=16000, stride=2))
    codec = {key: value for key, value in load(work, "codec.pt")["model"].items() if not key.startswith("decoder.")}
    save_file(slim(codec), os.path.join(cache, "semantic_codec_model.safetensors"))
    torch.save(slim(load(work, "speaker.pt")["model"]), os.path.join(cache, "campplus_cn_common.bin"))
    total = 0
    for folder, _, files in os.walk(out):
        for name in files:
            size = os.path.getsize(os.path.join(folder, name))
            total += size
            common.log("export", f"{size / 1e6:7.2f} MB {os.path.relpath(os.path.join(folder, name), out)}")
    common.log("export", f"{total / 1e6:7.2f} MB in all")


def write_json(path, content):
    with open(path, "w") as file:
        json.dump(content, file, indent=2)
        file.write("\n")


@torch.no_grad()
def check_official(out):
    """Latents and conditioning of the training program against those of the official class, from the exported file."""
    import official
    from gpt import Speech
    state = torch.load(os.path.join(out, "gpt.pth"), map_location="cpu")
    theirs = official.unified_voice()
    missing = theirs.load_state_dict(state, strict=False)
    mine = Speech(0.0).eval()
    rows = dims.GPT["max_mel_tokens"] + 3 - len(state[POSITIONS])
    mine.load_state_dict({**state, POSITIONS: torch.nn.functional.pad(state[POSITIONS], (0, 0, 0, rows))}, strict=False)
    torch.manual_seed(1)
    features, text, codes = torch.randn(1, 120, dims.HIDDEN), torch.randint(3, 90, (1, 20)), torch.randint(0, dims.CODES, (1, 60))
    speaker, emotion = mine.speaker(features), mine.emotion(features)
    count = torch.tensor([120])
    a = theirs.get_conditioning(features.transpose(1, 2), count)
    b = theirs.emo_layer(theirs.emovec_layer(theirs.get_emo_conditioning(features.transpose(1, 2), count)))
    latent = theirs(speaker, text, torch.tensor([20]), codes, torch.tensor([60]), None, emo_vec=emotion, use_speed=torch.zeros(1, dtype=torch.long))
    whole = torch.nn.functional.pad(text, (1, 1), value=0)
    whole[:, -1] = 1
    logits, _ = mine(speaker, emotion, whole, torch.tensor([22]), codes, torch.tensor([60]), torch.arange(61)[None])
    theirs_logits = theirs.mel_head(latent)
    common.log("export", f"official GPT: {missing}; differences: latents {float((a - speaker).abs().max()):.1e}, emotion "
               f"{float((b - emotion).abs().max()):.1e}, logits {float((theirs_logits - logits[:, :60]).abs().max()):.1e} of {float(logits.std()):.2f}")


if __name__ == "__main__":
    arguments = common.arguments("export", 0)
    target = arguments.command if arguments.command != "train" else os.path.join(arguments.work, "model")
    export(arguments, target)
    try:
        check_official(target)
    except ImportError as error:
        common.log("export", f"not compared with the official GPT: {error}")
