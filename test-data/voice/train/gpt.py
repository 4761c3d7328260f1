"""The GPT: text and conditioning to content codes, with parameters named as in the official UnifiedVoice.

`gpt.py` as a program makes the text pieces, gpt_train.py trains the network. The body is written here (the official one needs a certain version of
transformers and is slower to train); the conformers and perceivers are the official modules. check_official() in export.py compares both.
"""
import os

import torch
import torch.nn.functional as F
from torch import nn

import common
import dims

G = dims.GPT
DIM, HEADS = G["model_dim"], G["heads"]
START, STOP = G["start_mel_token"], G["stop_mel_token"]
LATENTS = 32
PREFIX = LATENTS + 2


class Matrix(nn.Module):
    """y = x W + b with W [in, out], as GPT-2 stores it."""

    def __init__(self, inputs, outputs):
        super().__init__()
        self.weight = nn.Parameter(torch.randn(inputs, outputs) * 0.02)
        self.bias = nn.Parameter(torch.zeros(outputs))

    def forward(self, x):
        return F.linear(x, self.weight.t(), self.bias)


class Block(nn.Module):
    def __init__(self, drop):
        super().__init__()
        self.drop = drop
        self.ln_1, self.ln_2 = nn.LayerNorm(DIM), nn.LayerNorm(DIM)
        self.attn = nn.ModuleDict(dict(c_attn=Matrix(DIM, 3 * DIM), c_proj=Matrix(DIM, DIM)))
        self.mlp = nn.ModuleDict(dict(c_fc=Matrix(DIM, 4 * DIM), c_proj=Matrix(4 * DIM, DIM)))
        with torch.no_grad():
            for last in (self.attn["c_proj"], self.mlp["c_proj"]):
                last.weight.mul_((2 * G["layers"]) ** -0.5)

    def forward(self, x, past=None):
        b, t, _ = x.shape
        q, k, v = self.attn["c_attn"](self.ln_1(x)).view(b, t, 3, HEADS, DIM // HEADS).permute(2, 0, 3, 1, 4)
        if past is not None:
            if past:
                k, v = torch.cat([past[0], k], 2), torch.cat([past[1], v], 2)
            past[:] = [k, v]
        y = F.scaled_dot_product_attention(q, k, v, is_causal=t > 1)
        x = x + F.dropout(self.attn["c_proj"](y.transpose(1, 2).reshape(b, t, DIM)), self.drop, self.training)
        y = self.mlp["c_proj"](F.gelu(self.mlp["c_fc"](self.ln_2(x)), approximate="tanh"))
        return x + F.dropout(y, self.drop, self.training)


class Table(nn.Module):
    def __init__(self, rows):
        super().__init__()
        self.emb = nn.Embedding(rows, DIM)


def conditioner(config, dim, latents):
    from indextts.gpt.conformer_encoder import ConformerEncoder
    from indextts.gpt.perceiver import PerceiverResampler
    encoder = ConformerEncoder(input_size=dims.HIDDEN, **{k: v for k, v in config.items() if k != "perceiver_mult"})
    table = encoder.embed.pos_enc
    table.pe, table.max_len = table.pe[:, :dims.POSITION_ROWS].contiguous(), dims.POSITION_ROWS
    perceiver = PerceiverResampler(dim, dim_context=config["output_size"], ff_mult=config["perceiver_mult"],
                                   heads=config["attention_heads"], num_latents=latents)
    return encoder, perceiver


class Speech(nn.Module):
    def __init__(self, drop=0.1):
        super().__init__()
        self.conditioning_encoder, self.perceiver_encoder = conditioner(G["condition_module"], DIM, LATENTS)
        self.emo_conditioning_encoder, self.emo_perceiver_encoder = conditioner(G["emo_condition_module"], dims.EMO_PERCEIVER, 1)
        self.speed_emb = nn.Embedding(2, DIM)
        self.text_embedding = nn.Embedding(G["number_text_tokens"] + 1, DIM)
        self.mel_embedding = nn.Embedding(G["number_mel_codes"], DIM)
        self.emo_layer = nn.Linear(DIM, DIM)
        self.emovec_layer = nn.Linear(dims.EMO_PERCEIVER, DIM)
        self.mel_pos_embedding = Table(G["max_mel_tokens"] + 3)
        self.text_pos_embedding = Table(G["max_text_tokens"] + 2)
        self.gpt = nn.ModuleDict(dict(h=nn.ModuleList(Block(drop) for _ in range(G["layers"])), ln_f=nn.LayerNorm(DIM)))
        self.final_norm = nn.LayerNorm(DIM)
        self.text_head = nn.Linear(DIM, G["number_text_tokens"] + 1)
        self.mel_head = nn.Linear(DIM, G["number_mel_codes"])
        for table in (self.text_embedding, self.mel_embedding, self.mel_pos_embedding.emb, self.text_pos_embedding.emb):
            nn.init.normal_(table.weight, std=0.02)
        nn.init.normal_(self.speed_emb.weight, std=0.02)

    def condition(self, encoder, perceiver, features):
        """The official conditioning of features [B,T,hidden] without padding."""
        full = torch.full((len(features),), features.shape[1], device=features.device)
        y, mask = encoder(features, full)
        return perceiver(y)

    def speaker(self, features):
        return self.condition(self.conditioning_encoder, self.perceiver_encoder, features)

    def emotion(self, features):
        y = self.condition(self.emo_conditioning_encoder, self.emo_perceiver_encoder, features).squeeze(1)
        return self.emo_layer(self.emovec_layer(y))

    def prefix(self, latents, emotion):
        speed = self.speed_emb.weight.flip(0).expand(len(latents), -1, -1)
        return torch.cat([latents + emotion[:, None], speed.to(latents.dtype)], 1)

    def body(self, x, past=None):
        for i, block in enumerate(self.gpt["h"]):
            x = block(x, None if past is None else past[i])
        return self.final_norm(self.gpt["ln_f"](x))

    def forward(self, latents, emotion, text, text_lengths, codes, lengths, positions, inputs=None):
        """Logits [B, 1+max(lengths), codes] for every code and the stop, and the targets (-100 = none).

        `text` has start and stop, `positions` [B, 1+codes] are the rows of the position table for start and codes.
        """
        b, device = len(text), text.device
        wide = codes.shape[1]
        text_x = self.text_embedding(text) + self.text_pos_embedding.emb.weight[: text.shape[1]]
        given = F.pad(codes if inputs is None else inputs, (1, 0), value=START)
        mel_x = self.mel_embedding(given) + self.mel_pos_embedding.emb(positions)
        pool = torch.cat([self.prefix(latents, emotion), text_x, mel_x], 1)
        # text rows end where each text ends, so that the codes follow at once; the rest falls behind the end
        at = torch.arange(pool.shape[1], device=device)[None]
        ends = (PREFIX + text_lengths)[:, None]
        source = torch.where(at < ends, at, (at - ends + PREFIX + text.shape[1]).clamp_max(pool.shape[1] - 1))
        x = pool.gather(1, source[:, :, None].expand(-1, -1, DIM))
        x = self.body(x)
        rows = (ends + torch.arange(wide + 1, device=device)[None])
        logits = self.mel_head(x.gather(1, rows[:, :, None].expand(-1, -1, DIM)))
        at = torch.arange(wide + 1, device=device)[None]
        targets = F.pad(codes, (0, 1), value=STOP).masked_fill(at == lengths[:, None], STOP).masked_fill(at > lengths[:, None], -100)
        return logits, targets

    @torch.no_grad()
    def generate(self, latents, emotion, text, text_lengths, most, temperature=0.8, top_k=30, top_p=0.8, generator=None):
        """Sampled codes, one row at a time grouped by equal text length by the caller; returns codes and whether each stopped."""
        b, device = len(text), text.device
        text_x = self.text_embedding(text) + self.text_pos_embedding.emb.weight[: text.shape[1]]
        start = self.mel_embedding.weight[START] + self.mel_pos_embedding.emb.weight[0]
        x = torch.cat([self.prefix(latents, emotion), text_x, start.expand(b, 1, -1)], 1)
        past = [[] for _ in range(G["layers"])]
        over = torch.zeros(b, dtype=torch.bool, device=device)
        made = []
        for k in range(most):
            scores = self.mel_head(self.body(x, past)[:, -1]).float() / temperature
            best, order = scores.topk(top_k)
            p = best.softmax(-1)
            p = p.masked_fill(p.cumsum(-1) - p >= top_p, 0.0)
            p[:, 0] = p[:, 0].clamp_min(1e-6)
            token = order.gather(1, torch.multinomial(p, 1, generator=generator))[:, 0]
            token = torch.where(over, torch.full_like(token, STOP), token)
            over |= token == STOP
            made.append(token)
            if bool(over.all()):
                break
            x = (self.mel_embedding(token) + self.mel_pos_embedding.emb.weight[k + 2])[:, None]
        return torch.stack(made, 1), over


def plain(text):
    """The letters that the front end leaves of ordinary English."""
    for a, b in (("“", "'"), ("”", "'"), ('"', "'"), ("’", "'"), (";", ","), (":", ","), ("—", "-")):
        text = text.replace(a, b)
    return text.upper().strip()


def bpe(args):
    import sentencepiece
    common.wait_for(args, "texts.txt")
    with open(os.path.join(args.work, "texts.txt"), encoding="utf-8") as file:
        lines = [plain(line) for line in file if line.strip()]
    path = os.path.join(args.work, "bpe")
    with open(path + ".txt", "w", encoding="utf-8") as file:
        file.write("\n".join(lines[:60000]) + "\n" + "\n".join("ABCDEFGHIJKLMNOPQRSTUVWXYZ.,!?'-" for _ in range(20)) + "\n")
    sentencepiece.SentencePieceTrainer.train(
        input=path + ".txt", model_prefix=path, model_type="bpe", vocab_size=G["number_text_tokens"], character_coverage=1.0, bos_id=0,
        eos_id=1, unk_id=2, pad_id=-1, normalization_rule_name="identity", hard_vocab_limit=False, num_threads=4,
        minloglevel=2, max_sentence_length=2000, split_by_number=True)
    os.replace(path + ".model", os.path.join(args.work, "bpe.model"))
    common.log("gpt", f"bpe.model from {len(lines)} lines")


if __name__ == "__main__":
    bpe(common.arguments("the text pieces", 60))
