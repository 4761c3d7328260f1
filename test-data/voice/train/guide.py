"""What the GPT is told beside the right codes: which codes mean the same phone, and where in the text each frame is spoken.

Of all codes that stand for the right third of the right phone, which one was drawn is chance; so their sum is asked for too. A few attention heads are
asked to look at the piece of the text that is being spoken (data.py knows the word of every frame; inside a word, phones and letters are taken as evenly
spread): a network finds that out by itself only late.
"""
import numpy as np
import torch

import content
import dims

HEADS = 3          # heads that are guided: those that do so most already
PER_WORD = 256     # of data.py: steps of a place inside a word


def meanings(codec):
    """[codes, states] probabilities of what each code stands for, by the classifier trained with the codec; `codec` is the content of codec.pt."""
    near = content.Heads(dims.HIDDEN)
    near.load_state_dict({k: v.float() for k, v in codec["near"].items()})
    prefix = "quantizer.quantizers.0."
    state = {k: v.float() for k, v in codec["model"].items()}
    v, g = state[prefix + "out_project.weight_v"], state[prefix + "out_project.weight_g"]
    rows = state[prefix + "codebook.weight"] @ (g * v / v.flatten(1).norm(dim=1).view(-1, 1, 1))[:, :, 0].T
    with torch.no_grad():
        return near.phone(rows + state[prefix + "out_project.bias"]).softmax(-1)


class Spelling:
    """Where pieces lie: their widths in letters and which of them begin a word."""

    def __init__(self, pieces):
        names = [pieces.id_to_piece(i) for i in range(pieces.get_piece_size())]
        self.begins = np.array([n.startswith("▁") for n in names])
        self.width = np.array([0.05 + sum(c.isalpha() for c in n) for n in names])

    def starts(self, texts):
        """For the pieces of all texts, one after the other: 1024 * text + word + part of the word before them, and the first piece of each text."""
        flat = np.concatenate([np.asarray(t) for t in texts])
        count = np.array([len(t) for t in texts])
        first = np.cumsum(count) - count
        begins = self.begins[flat]
        begins[first] = True
        word = np.cumsum(begins) - 1
        width = self.width[flat]
        total = np.bincount(word, width)
        before = np.cumsum(width) - width - (np.cumsum(total) - total)[word]
        text = np.repeat(np.arange(len(texts)), count)
        return 1024.0 * text + (word - word[first][text]) + before / total[word], first


def windows(spelling, texts, places, lengths):
    """Row of the text (1 = the first piece, after the start token) that each frame of all utterances speaks; places and lengths are tensors."""
    starts, first = spelling.starts(texts)
    device = places.device
    text = torch.repeat_interleave(torch.arange(len(texts), device=device), lengths)
    asked = 1024.0 * text + places.clamp_min(0).double() / PER_WORD
    found = torch.searchsorted(torch.from_numpy(starts).to(device), asked, right=True) - 1
    return (found - torch.from_numpy(first).to(device)[text] + 1).clamp_min(1).to(torch.int16)


class Guide:
    """Both losses, without a wait for the device. `net` is gpt.Speech; `table` comes from meanings()."""

    def __init__(self, net, table):
        from gpt import PREFIX
        self.prefix, self.table, self.blocks, self.seen, self.chosen = PREFIX, table, net.gpt["h"], {}, []
        for layer, block in enumerate(self.blocks):
            block.register_forward_pre_hook(lambda _m, given, layer=layer: self.seen.__setitem__(layer, given[0]))

    def phones(self, logits, states, spoken):
        """Mean of -log of the probability that the right phone state has in `logits` [B, T, codes + 2]."""
        p = logits.float().softmax(-1)[..., :dims.CODES] @ self.table
        return -(p.gather(-1, states[..., None])[..., 0].clamp_min(1e-5).log() * spoken).sum() / spoken.sum()

    def looking(self, layer, heads, n_text, rows, known):
        """Mean log of the attention that each of the heads pays to the pieces spoken and their neighbours, [heads]."""
        block, x = self.blocks[layer], self.seen[layer]
        b, t, d = x.shape
        frames = rows.shape[1]
        width = d // dims.GPT["heads"]
        q, k, _ = block.attn["c_attn"](block.ln_1(x)).view(b, t, 3, -1, width).permute(2, 0, 3, 1, 4)
        at = (self.prefix + n_text)[:, None] + torch.arange(frames, device=x.device)[None]
        pick = lambda v: torch.stack([v[:, head] for head in heads], 1)        # a list as index would be copied to the device each time
        q = pick(q).gather(2, at[:, None, :, None].expand(-1, len(heads), -1, width))
        scores = (q @ pick(k).transpose(2, 3)).float() / width ** 0.5
        scores = scores.masked_fill(torch.arange(t, device=x.device)[None, None, None] > at[:, None, :, None], -1e4)
        near = rows[..., None] + torch.arange(-1, 2, device=x.device) + self.prefix
        logs = scores.log_softmax(-1).gather(3, near[:, None].expand(-1, len(heads), -1, -1)).logsumexp(-1)
        return (logs * known[:, None]).sum((0, 2)) / known.sum()

    def attention(self, n_text, rows, known):
        """Loss of the guided heads; the first call chooses them."""
        if not self.chosen:
            with torch.no_grad():
                values = [self.looking(layer, list(range(dims.GPT["heads"])), n_text, rows, known).tolist() for layer in range(len(self.blocks))]
            best = sorted(((v, layer, head) for layer, row in enumerate(values) for head, v in enumerate(row)), reverse=True)
            for v, layer, head in best[:HEADS]:
                self.chosen.append((layer, head, round(v, 2)))
        layers = sorted({layer for layer, _, _ in self.chosen})
        return -torch.cat([self.looking(layer, [h for l, h, _ in self.chosen if l == layer], n_text, rows, known) for layer in layers]).mean()
