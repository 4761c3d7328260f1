"""feat1 and feat2 of a voice: for each emotion, some speakers' mean style and mean emotion vector, from a corpus and the trained networks.

  python emotions.py --work W --ckpt DIR --index-tts PATH     adds both to DIR/gpt.pt

It needs only the audio of the corpus (data.py make).
"""
import argparse
import json
import tempfile
from pathlib import Path

import numpy as np
import torch

import common
import dims
import official

EACH = 4  # utterances of a speaker and emotion
FRAMES = 160


def chosen(rows):
    """Per emotion the speakers that have it, those with most utterances first, and their utterances."""
    groups = common.peers([(row["emotion"], row["speaker"]) for row in rows])
    table = []
    for emotion in range(len(dims.EMOTIONS)):
        own = sorted((key for key in groups if key[0] == emotion), key=lambda key: (key[1] > 3, -len(groups[key]), key))
        own = own or sorted(key for key in groups if key[0] == 7)
        table.append([groups[own[row % len(own)]][:EACH] for row in range(dims.EMO_ROWS)])
    return table


def part_of(work, ids, folder):
    """A corpus folder of these utterances alone."""
    work, folder = Path(work), Path(folder)
    audio, off, frames = np.load(work / "audio.npy", mmap_mode="r"), np.load(work / "audio_off.npy"), np.load(work / "w2v_off.npy")
    rows = common.meta(work)
    np.save(folder / "audio.npy", np.concatenate([audio[off[i]:off[i + 1]] for i in ids]))
    np.save(folder / "audio_off.npy", np.cumsum([0] + [off[i + 1] - off[i] for i in ids]).astype(np.int64))
    np.save(folder / "w2v_off.npy", np.cumsum([0] + [frames[i + 1] - frames[i] for i in ids]).astype(np.int64))
    (folder / "meta.jsonl").write_text("".join(json.dumps(rows[i]) + "\n" for i in ids))


@torch.no_grad()
def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--work", required=True)
    parser.add_argument("--ckpt", required=True)
    parser.add_argument("--index-tts", required=True)
    args = parser.parse_args()
    official.use(args.index_tts)
    import content
    import features
    import speaker
    from gpt import Speech
    rows = common.meta(args.work)
    table = chosen(rows)
    ids = sorted({i for row in table for members in row for i in members})
    place = {i: k for k, i in enumerate(ids)}
    parent = Path(args.ckpt).parent
    with tempfile.TemporaryDirectory() as folder:
        part_of(args.work, ids, folder)
        corpus = features.Corpus(folder, "cpu")
        encoder, _, mean, var = content.load(parent, "cpu")
        encoder, mean, var = encoder.float(), mean.float(), var.float()
        feats, _ = content.prepare(corpus)
        hidden = torch.zeros(int(corpus.w2v_off[-1]), dims.HIDDEN)
        for _, at, h in content.rows(corpus, encoder, feats, range(len(ids))):
            hidden[at] = (h - mean) / var.sqrt()
        bank, off, frames = speaker.banks(corpus)
        style = torch.from_numpy(speaker.embed(speaker.load(parent, "cpu").float(), bank.float(), off, frames, "cpu"))
    file = Path(args.ckpt) / "gpt.pt"
    state = torch.load(file, map_location="cpu", weights_only=False)
    net = Speech(0.0).eval()
    net.load_state_dict({k: v.float() for k, v in state["model"].items()}, strict=False)
    first, second = [], []
    for row in table:
        for members in row:
            vectors = []
            for i in members:
                x = hidden[corpus.w2v_off[place[i]]:corpus.w2v_off[place[i] + 1]]
                vectors.append(net.emotion(x[None, :FRAMES]))
            first.append(style[[place[i] for i in members]].mean(0))
            second.append(torch.cat(vectors).mean(0))
    state["feat1"], state["feat2"] = torch.stack(first), torch.stack(second)
    torch.save(state, file)
    common.log("emotions", f"feat1 {tuple(state['feat1'].shape)}, feat2 {tuple(state['feat2'].shape)}, spread of the vectors "
               f"{float(state['feat2'].std(0).mean()):.3f} of {float(state['feat2'].std()):.3f}")


if __name__ == "__main__":
    main()
