"""Length regulator and flow matching: mel from content codes, a reference mel and a style.

Every example is what inference will see: a prompt from one utterance of a speaker, the target from another, each regulated alone (the
regulator's group norm spans time, so this matters), noise only over the target, now and then no condition at all for the guidance.
gpt_layer is left at zero: the codes carry the content, and the flow can be trained without waiting for the GPT.
"""
import os
import time

import torch
import torch.nn.functional as F
from torch import nn

import common
import dims
from official import names


def build():
    """The official modules in this configuration."""
    from indextts.s2mel.modules.flow_matching import CFM
    from indextts.s2mel.modules.length_regulator import InterpolateRegulator
    config = names(dims.S2MEL)
    lengths = config.length_regulator
    regulator = InterpolateRegulator(
        channels=lengths.channels, sampling_ratios=lengths.sampling_ratios, is_discrete=False, in_channels=lengths.in_channels,
        codebook_size=lengths.content_codebook_size)
    cfm = CFM(config)
    wide, inner = dims.GPT["model_dim"], dims.GPT_LAYER
    gpt_layer = nn.Sequential(nn.Linear(wide, inner[0]), nn.Linear(inner[0], inner[1]), nn.Linear(inner[1], dims.HIDDEN))
    for layer in gpt_layer:
        nn.init.zeros_(layer.weight)
        nn.init.zeros_(layer.bias)
    return nn.ModuleDict(dict(cfm=cfm, length_regulator=regulator, gpt_layer=gpt_layer))


def prepare(net, mean, std):
    """Starts the network near the statistics of the mel, which is raw log magnitude and far from unit variance."""
    dit = net["cfm"].estimator
    with torch.no_grad():
        dit.conv2.bias.copy_(mean)
        dit.conv2.weight.mul_(std.view(-1, 1, 1))
        dit.cond_x_merge_linear.weight[:, :160].mul_(0.4)
        dit.skip_linear.weight[:, dims.S2MEL["DiT"]["hidden_dim"]:].mul_(0.4)
        for block in [m for m in dit.transformer.modules() if hasattr(m, "project_layer")]:
            # the official block multiplies by this projection without adding one: begin at gain one, shift zero
            block.project_layer.weight.mul_(0.1)
            block.project_layer.bias.zero_()
            block.project_layer.bias[: block.d_model] = 1.0


def code_table(work, device):
    """What vq2emb gives for every code [codes, hidden]: the codebook through the weight-normed projection."""
    state = torch.load(os.path.join(work, "ckpt", "codec.pt"), map_location="cpu", weights_only=False)["model"]
    prefix = "quantizer.quantizers.0."
    v, g = state[prefix + "out_project.weight_v"].float(), state[prefix + "out_project.weight_g"].float()
    weight = g * v / v.flatten(1).norm(dim=1).view(-1, 1, 1)
    rows = state[prefix + "codebook.weight"].float()
    return (rows @ weight[:, :, 0].T + state[prefix + "out_project.bias"].float()).to(device)


def regulate(regulator, content, counts, lengths, width):
    """The official regulator for a padded batch: content [B,N,H] of `counts` rows to [B,width,C] of `lengths` rows each."""
    x = regulator.content_in_proj(content)
    ratio = counts.float() / lengths.float()
    frame = torch.arange(width, device=x.device)
    source = torch.minimum((frame[None].float() * ratio[:, None]).floor().long(), (counts - 1)[:, None])
    mask = (frame[None] < lengths[:, None]).unsqueeze(1)
    x = x.gather(1, source[:, :, None].expand(-1, -1, x.shape[2])).transpose(1, 2)
    size = (lengths * x.shape[1]).view(-1, 1, 1).float()
    for layer in regulator.model:
        if isinstance(layer, nn.GroupNorm):
            x = x.float() * mask
            mean = x.sum((1, 2), keepdim=True) / size
            var = ((x - mean).square() * mask).sum((1, 2), keepdim=True) / size
            x = (x - mean) * torch.rsqrt(var + layer.eps) * layer.weight.view(1, -1, 1) + layer.bias.view(1, -1, 1)
        elif isinstance(layer, nn.Conv1d):
            x = layer(x * mask)
        else:
            x = layer(x)
    return (x * mask).transpose(1, 2)


class Examples:
    """Random pairs (prompt, target) of one speaker."""

    def __init__(self, args, split):
        device = args.device
        self.device = device
        self.mel = common.Rows(args.work, "mel", device)
        self.codes = common.Rows(args.work, "codes", device, "w2v")
        self.style = torch.from_numpy(__import__("numpy").load(os.path.join(args.work, "style.npy"))).float().to(device)
        self.table = code_table(args.work, device)
        rows = common.meta(args.work)
        # a prompt may come from any utterance of the speaker, the target from this split
        own = [i for i, row in enumerate(rows) if row["split"] == split and int(self.codes.len[i]) >= 30]
        groups = common.peers([row["speaker"] if row["split"] == split else -1 - i for i, row in enumerate(rows)])
        flat, first, count = [], {}, {}
        for key, members in groups.items():
            first[key], count[key] = len(flat), len(members)
            flat += members
        self.flat = torch.tensor(flat, device=device)
        self.own = torch.tensor(own, device=device)
        self.first = torch.tensor([first[rows[i]["speaker"]] for i in own], device=device)
        self.count = torch.tensor([count[rows[i]["speaker"]] for i in own], device=device)

    def draw(self, batch, frames, longest, generator=None):
        """One batch: prompts of at most `frames` mel frames, targets of at most `longest` codes."""
        make = dict(device=self.device, generator=generator)
        pick = torch.randint(len(self.own), (batch,), **make)
        target = self.own[pick]
        prompt = self.flat[self.first[pick] + (torch.rand(batch, **make) * self.count[pick]).long()]
        n = self.codes.len[target].clamp_max(longest)
        start = (torch.rand(batch, **make) * (self.codes.len[target] - n + 1)).long()
        wide = int(n.max())
        lengths = (n * 1.72).long()
        codes = self.codes.take(target, start, wide)
        mel = self.mel.take(target, (start * dims.MEL_PER_CODE).round().long(), int(lengths.max()))
        p = self.codes.len[prompt].clamp_max(round(frames / dims.MEL_PER_CODE))
        begin = (torch.rand(batch, **make) * (self.codes.len[prompt] - p + 1)).long()
        prompt_lengths = (p * dims.MEL_PER_CODE).long().clamp_max(frames)
        prompt_codes = self.codes.take(prompt, begin, int(p.max()))
        prompt_mel = self.mel.take(prompt, (begin * dims.MEL_PER_CODE).round().long(), int(prompt_lengths.max()))
        return dict(codes=codes, n=n, mel=mel, lengths=lengths, prompt_codes=prompt_codes, p=p, prompt_mel=prompt_mel,
                    prompt_lengths=prompt_lengths, style=self.style[prompt])


def arrange(net, table, b):
    """Prompt and target one after the other in a padded batch: condition, mel, masks."""
    regulator = net["length_regulator"]
    mu_prompt = regulate(regulator, table[b["prompt_codes"].long()], b["p"], b["prompt_lengths"], b["prompt_mel"].shape[1])
    mu_target = regulate(regulator, table[b["codes"].long()], b["n"], b["lengths"], b["mel"].shape[1])
    total = b["prompt_lengths"] + b["lengths"]
    width = -(-int(total.max()) // 8) * 8
    frame = torch.arange(width, device=total.device)[None]
    in_prompt = frame < b["prompt_lengths"][:, None]
    in_target = (frame >= b["prompt_lengths"][:, None]) & (frame < total[:, None])
    from_prompt = frame.expand(len(total), -1).clamp_max(mu_prompt.shape[1] - 1)
    from_target = (frame - b["prompt_lengths"][:, None]).clamp(0, mu_target.shape[1] - 1)

    def join(first, second):
        shape = (-1, -1, first.shape[2])
        a = first.gather(1, from_prompt[:, :, None].expand(*shape)) * in_prompt[:, :, None]
        return a + second.gather(1, from_target[:, :, None].expand(*shape)) * in_target[:, :, None]

    mel = join(b["prompt_mel"].float(), b["mel"].float())
    return join(mu_prompt, mu_target), mel.transpose(1, 2), total, in_prompt[:, None], in_target[:, None]


def loss_of(net, table, b, args, generator=None):
    make = dict(device=table.device, generator=generator)
    with common.mixed(args):
        mu, mel, total, in_prompt, in_target = arrange(net, table, b)
        batch = len(total)
        t = torch.rand(batch, **make)
        z = torch.randn(mel.shape, **make)
        at = t.view(-1, 1, 1)
        x = ((1 - at) * z + at * mel) * (~in_prompt)
        keep = (torch.rand(batch, **make) >= dims.S2MEL["DiT"]["class_dropout_prob"]).float().view(-1, 1, 1)
        v = net["cfm"].estimator(x, mel * in_prompt * keep, total, t, b["style"] * keep[:, 0], mu * keep)
    error = (v.float() - (mel - z)).square().mean(1, keepdim=True) * in_target
    return error.sum() / in_target.sum()


def train(args):
    device = args.device
    net = build().to(device)
    if args.init:
        net.load_state_dict(torch.load(args.init, map_location=device, weights_only=False)["model"], strict=False)
    common.wait_for(args, "mel.done", "style.done", "codes.done", "ckpt/codec.pt")
    data = Examples(args, "train")
    try:
        check = Examples(args, "valid")
    except (IndexError, RuntimeError):
        check = data
    if len(check.own) == 0:
        check = data
    if not args.init:
        sample = data.mel.data[:: max(1, len(data.mel.data) // 50000)].float()
        prepare(net, sample.mean(0), sample.std(0))
    dit = net["cfm"].estimator
    dit.setup_caches(max_batch_size=1, max_seq_length=2048)
    parameters = [p for name, p in net.named_parameters() if not name.startswith("gpt_layer")]
    peak = 3e-4 if args.init else 1.2e-3
    optimizer = common.optimizer(parameters, peak, args)
    average = common.Average(net, 0.9995 if args.init else 0.999)
    batch = args.batch or (2 if args.toy else 64)
    longest = 60 if args.toy else 240
    clock, step, said, total = common.Clock(args), 0, time.time(), 0.0
    common.log("flow", f"{sum(p.numel() for p in net.parameters()) / 1e6:.2f} M parameters, {len(data.own)} targets, {clock.end - clock.start:.0f} s")
    while not clock.over():
        part = clock.part()
        for group in optimizer.param_groups:
            group["lr"] = common.rate(part, step, peak)
        frames = int(torch.randint(100, 330, (1,))) if not args.toy else 100
        loss = loss_of(net, data.table, data.draw(batch, frames, longest), args)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        norm = torch.nn.utils.clip_grad_norm_(parameters, 1.0, foreach=True)
        if torch.isfinite(norm):
            optimizer.step()
            average.update()
        step += 1
        total += loss.detach()
        if time.time() - said > (5 if args.toy else 20) or clock.over():
            said = time.time()
            report(args, average, check, step, float(total) / max(1, step), float(loss.detach()), clock)
    common.log("flow", f"done after {step} steps")


def report(args, average, check, step, mean, last, clock):
    generator = torch.Generator(args.device)
    generator.manual_seed(7)
    with torch.no_grad(), average.applied() as net:
        held = sum(float(loss_of(net, check.table, check.draw(4 if args.toy else 64, 200, 200, generator), args, generator)) for _ in range(2)) / 2
        state = common.cpu_state(net)
    common.log("flow", f"step {step} ({(time.time() - clock.start) / step * 1000:.0f} ms) loss {last:.4f} (mean {mean:.4f}) held out {held:.4f}")
    common.save(args, "flow.pt", {"model": state, "step": step, "held_out": held})


if __name__ == "__main__":
    train(common.arguments("flow", 250))
