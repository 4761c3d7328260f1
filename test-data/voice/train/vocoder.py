"""BigVGAN with few channels: multi-resolution mel and STFT losses first, light adversarial losses (our own discriminators) after.

Parameters are those of the official module; the forward pass here computes the same with polyphase filters, which compile into few kernels.
"""
import time

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

import common
import dims

CONFIG = dims.BIGVGAN
RATES = CONFIG["upsample_rates"]
KERNELS = len(CONFIG["resblock_kernel_sizes"])


def build():
    from indextts.s2mel.modules.bigvgan.bigvgan import BigVGAN
    from indextts.s2mel.modules.bigvgan.env import AttrDict
    return BigVGAN(AttrDict(CONFIG), use_cuda_kernel=False)


def folded(layer):
    """The weight of a weight-normed layer."""
    return torch._weight_norm(layer.weight_v, layer.weight_g, 0)


def convolve(x, layer, mode):
    """A convolution of the residual blocks: as it is, in bfloat16, or in bfloat16 with channels last."""
    weight, pad, step = folded(layer), layer.padding[0], layer.dilation[0]
    if mode == "plain":
        return F.conv1d(x, weight, layer.bias, padding=pad, dilation=step)
    if mode == "half":
        return F.conv1d(x.bfloat16(), weight.bfloat16(), layer.bias.bfloat16(), padding=pad, dilation=step)
    x = x.bfloat16()[:, :, None].contiguous(memory_format=torch.channels_last)
    weight = weight.bfloat16()[:, :, None].contiguous(memory_format=torch.channels_last)
    return F.conv2d(x, weight, layer.bias.bfloat16(), padding=(0, pad), dilation=(1, step))[:, :, 0]


def phases(filter):
    """The 12-tap filter as two convolutions of 7 taps, for even and odd outputs."""
    f = filter.flatten()
    zero = f.new_zeros(1)
    return torch.stack([torch.cat([f[1::2].flip(0), zero]), torch.cat([zero, f[0::2].flip(0)])])


def snake(x, alpha, beta, taps):
    """Anti-aliased SnakeBeta on [B,C,T]: twice the rate, activation, back; `taps` from phases()."""
    time = x.shape[2]
    x = x.float()
    p = F.pad(x, (3, 3), mode="replicate")
    even = sum(taps[0, k] * p[:, :, k:k + time] for k in range(6)) * 2
    odd = sum(taps[1, k] * p[:, :, k:k + time] for k in range(1, 7)) * 2
    a, b = alpha.exp().view(1, -1, 1), (1 / (beta.exp() + 1e-9)).view(1, -1, 1)
    even = even + b * torch.sin(even * a).square()
    odd = odd + b * torch.sin(odd * a).square()
    first, last = even[:, :, :1], odd[:, :, -1:]
    even = torch.cat([first, first, even, last, last, last], 2)
    odd = torch.cat([first, first, first, odd, last, last], 2)
    # tap k of the filter: odd k on even samples (offset (k-5)/2), even k on odd samples (offset (k-6)/2); the filter is symmetric
    out = sum(taps[1, k + 1] * even[:, :, k:k + time] for k in range(6))
    return out + sum(taps[0, k] * odd[:, :, k:k + time] for k in range(6))


class Generator(nn.Module):
    """The forward pass over the official module's parameters."""

    def __init__(self, net, compile, mode="plain"):
        super().__init__()
        self.net, self.mode = net, mode
        self.taps = phases(net.activation_post.upsample.filter.float())
        self.snake = torch.compile(snake, dynamic=False) if compile else snake

    def stage(self, x, index):
        net, taps = self.net, self.taps
        up, kernel, rate = net.ups[index][0], CONFIG["upsample_kernel_sizes"][index], RATES[index]
        x = F.conv_transpose1d(x, folded(up), up.bias, stride=rate, padding=(kernel - rate) // 2)
        total = 0
        for block in net.resblocks[index * KERNELS:(index + 1) * KERNELS]:
            y = x
            for j, (first, second) in enumerate(zip(block.convs1, block.convs2)):
                act = block.activations[2 * j].act
                z = self.snake(y, act.alpha, act.beta, taps)
                z = convolve(z, first, self.mode)
                act = block.activations[2 * j + 1].act
                z = self.snake(z, act.alpha, act.beta, taps)
                y = y + convolve(z, second, self.mode)
            total = total + y
        x = total / KERNELS
        if index + 1 == len(RATES):
            act = net.activation_post.act
            x = self.snake(x, act.alpha, act.beta, taps)
            x = F.conv1d(x, folded(net.conv_post), None, padding=3)
        return x

    def forward(self, mel):
        x = F.conv1d(mel, folded(self.net.conv_pre), self.net.conv_pre.bias, padding=3)
        for index in range(len(RATES)):
            x = self.stage(x, index)
        return x[:, 0]


def mel_basis(n_fft, bands, rate=22050, high=11025.0):
    """Triangles with equal steps on Slaney's mel scale, each of area one."""
    def scale(f):
        f = np.asarray(f, dtype=float)
        return np.where(f < 1000, 3 * f / 200, 15 + 27 * np.log(np.maximum(f, 1e-3) / 1000) / np.log(6.4))

    def back(m):
        return np.where(m < 15, 200 * m / 3, 1000 * np.exp((m - 15) * np.log(6.4) / 27))

    points = back(np.linspace(scale(0.0), scale(high), bands + 2))
    bins = np.linspace(0, rate / 2, n_fft // 2 + 1)
    rise = (bins[None] - points[:-2, None]) / np.maximum(points[1:-1] - points[:-2], 1e-6)[:, None]
    fall = (points[2:, None] - bins[None]) / np.maximum(points[2:] - points[1:-1], 1e-6)[:, None]
    rows = np.maximum(0, np.minimum(rise, fall)) * (2 / (points[2:] - points[:-2]))[:, None]
    return torch.tensor(rows, dtype=torch.float32)


class Spectra:
    """Distances between signals: log mel and linear magnitude at several resolutions."""

    SIZES = ((256, 20), (512, 40), (1024, 80), (2048, 120))

    def __init__(self, device):
        self.parts = [(n, torch.hann_window(n, device=device), mel_basis(n, bands).to(device)) for n, bands in self.SIZES]

    def magnitude(self, x, n, window):
        s = torch.stft(x, n, n // 4, n, window, center=True, pad_mode="reflect", return_complex=True)
        return (s.real.square() + s.imag.square() + 1e-9).sqrt()

    def __call__(self, made, real):
        total = 0.0
        for n, window, basis in self.parts:
            a, b = self.magnitude(made, n, window), self.magnitude(real, n, window)
            total = total + F.l1_loss((basis @ a).clamp_min(1e-5).log(), (basis @ b).clamp_min(1e-5).log())
            total = total + 0.5 * (a - b).norm() / b.norm().clamp_min(1e-3)
        return total / len(self.parts)


def normed(layer):
    return nn.utils.parametrizations.weight_norm(layer)


class Periods(nn.Module):
    """Two-dimensional convolutions over the signal folded at a period."""

    def __init__(self, period, widths=(16, 32, 64, 96)):
        super().__init__()
        self.period = period
        sizes = (1,) + widths
        self.layers = nn.ModuleList(normed(nn.Conv2d(a, b, (5, 1), (3, 1), (2, 0))) for a, b in zip(sizes, widths))
        self.last = normed(nn.Conv2d(widths[-1], 1, (3, 1), 1, (1, 0)))

    def forward(self, x):
        x = F.pad(x, (0, -x.shape[1] % self.period)).view(len(x), 1, -1, self.period)
        return walk(self, x)


class Spectrogram(nn.Module):
    """Two-dimensional convolutions over magnitudes of one resolution."""

    def __init__(self, size, width=24):
        super().__init__()
        self.size = size
        self.register_buffer("window", torch.hann_window(size))
        self.layers = nn.ModuleList([
            normed(nn.Conv2d(1, width, (7, 3), (2, 1), (3, 1))), normed(nn.Conv2d(width, width, (7, 3), (2, 1), (3, 1))),
            normed(nn.Conv2d(width, width, (7, 3), (2, 2), (3, 1))), normed(nn.Conv2d(width, width, 3, 1, 1))])
        self.last = normed(nn.Conv2d(width, 1, 3, 1, 1))

    def forward(self, x):
        with torch.autocast("cuda", enabled=False):
            s = torch.stft(x.float(), self.size, self.size // 4, self.size, self.window, return_complex=True)
            s = (s.real.square() + s.imag.square() + 1e-9).sqrt().clamp_min(1e-5).log()
        return walk(self, s[:, None] / 3)


def walk(module, x):
    kept = []
    for layer in module.layers:
        x = F.leaky_relu(layer(x), 0.1)
        kept.append(x)
    return module.last(x).flatten(1), kept


class Judges(nn.Module):
    def __init__(self):
        super().__init__()
        self.parts = nn.ModuleList([Periods(p) for p in (2, 3, 5, 7)] + [Spectrogram(n) for n in (512, 1024, 2048)])

    def forward(self, x):
        return [part(x) for part in self.parts]


def time_of(generate, mel, count=8):
    """Seconds of a forward and backward pass, after warming up; and what came out."""
    for i in range(count + 3):
        if i == 3:
            torch.cuda.synchronize()
            begun = time.time()
        out = generate(mel)
        out.square().mean().backward()
    torch.cuda.synchronize()
    return (time.time() - begun) / count, out.detach()


def fastest(net, plain, batch, frames, device):
    """Tries ways to compute the same on this machine and returns the quickest: this costs nothing while the data is being made."""
    torch.backends.cudnn.benchmark = True
    torch._dynamo.config.cache_size_limit = 64
    torch.manual_seed(2)
    mel = torch.randn(batch, 80, frames, device=device) * 2 - 5
    best, choice = 1e9, plain
    with torch.no_grad():
        right = plain(mel)
    for name, compiled, mode in (("plain", False, "plain"), ("compiled", True, "plain"), ("half", True, "half"), ("channels last", True, "last")):
        try:
            candidate = Generator(net, compiled, mode)
            seconds, out = time_of(candidate, mel)
            error = float((out - right).norm() / right.norm())
            common.log("vocoder", f"{name}: {seconds * 1000:.1f} ms, difference {error:.1e}")
            if seconds < best and error < 0.05:
                best, choice = seconds, candidate
        except Exception as problem:
            common.log("vocoder", f"{name} failed:", repr(problem)[:300])
    try:
        net.zero_grad(set_to_none=True)
        graphed = torch.cuda.make_graphed_callables(Generator(net, choice.snake is not snake, choice.mode), (mel.clone(),))
        seconds, out = time_of(graphed, mel)
        error = float((out - right).norm() / right.norm())
        grads = [p.grad for p in net.parameters() if p.requires_grad]
        whole = all(g is not None and bool(torch.isfinite(g).all()) for g in grads)
        common.log("vocoder", f"graph: {seconds * 1000:.1f} ms, difference {error:.1e}, gradients {whole}")
        if seconds < best and error < 0.05 and whole:
            choice = graphed
    except Exception as problem:
        common.log("vocoder", "graph failed:", repr(problem)[:300])
    net.zero_grad(set_to_none=True)
    return choice


def train(args):
    device = args.device
    cuda = device.startswith("cuda")
    net = build().to(device)
    if args.init:
        net.load_state_dict(torch.load(args.init, map_location=device, weights_only=False)["model"])
    judges = Judges().to(device)
    spectra = Spectra(device)
    frames = 16 if args.toy else 48
    batch = args.batch or (2 if args.toy else 16)
    plain = Generator(net, False)
    generate = fastest(net, plain, batch, frames, device) if cuda and args.compile and not args.toy else plain
    common.wait_for(args, "audio.done", "mel.done")
    audio, mel = common.Rows(args.work, "audio", device), common.Rows(args.work, "mel", device)
    rows = common.meta(args.work)
    ids = {split: torch.tensor([i for i, row in enumerate(rows) if row["split"] == split and int(mel.len[i]) > frames + 2], device=device)
           for split in ("train", "valid")}
    if len(ids["valid"]) == 0:
        ids["valid"] = ids["train"]

    def draw(split, size, count, generator=None):
        pick = ids[split][torch.randint(len(ids[split]), (size,), device=device, generator=generator)]
        n = torch.minimum(mel.len[pick], audio.len[pick] // 256)
        start = (torch.rand(size, device=device, generator=generator) * (n - count).clamp_min(0)).long()
        return mel.take(pick, start, count).float().transpose(1, 2), audio.take(pick, start * 256, count * 256).float() / 32767

    peak = 2e-4 if args.init else 6e-4
    own = [p for p in net.parameters() if p.requires_grad]
    mine = common.optimizer(own, peak, args, betas=(0.8, 0.98), decay=0.0)
    theirs = common.optimizer(judges.parameters(), peak, args, betas=(0.8, 0.98), decay=0.0)
    average = common.Average(net, 0.999)
    clock, step, said, fooled = common.Clock(args), 0, time.time(), 0
    common.log("vocoder", f"{sum(p.numel() for p in own) / 1e6:.2f} M parameters, {len(ids['train'])} utterances, {clock.end - clock.start:.0f} s")
    while not clock.over():
        part = clock.part()
        for group in mine.param_groups + theirs.param_groups:
            group["lr"] = common.rate(part, step, peak, floor=0.05)
        given, real = draw("train", batch, frames)
        made = generate(given + torch.rand(batch, 1, 1, device=device) * 0.08 * torch.randn_like(given))
        loss = distance = 15 * spectra(made, real)
        against = args.init or part > 0.25
        if against:
            with common.mixed(args):
                lie, truth = judges(made.detach()), judges(real)
            worse = sum((t.float() - 1).square().mean() + l.float().square().mean() for (l, _), (t, _) in zip(lie, truth)) / len(lie)
            theirs.zero_grad(set_to_none=True)
            worse.backward()
            torch.nn.utils.clip_grad_norm_(judges.parameters(), 10.0)
            theirs.step()
            fooled += 1
            if fooled > 300 or args.toy:  # the judges learn alone first
                judges.requires_grad_(False)
                with common.mixed(args):
                    lie = judges(made)
                    with torch.no_grad():
                        truth = judges(real)
                judges.requires_grad_(True)
                gain = sum((l.float() - 1).square().mean() for l, _ in lie)
                alike = sum(F.l1_loss(a.float(), b.float()) for (_, x), (_, y) in zip(lie, truth) for a, b in zip(x, y))
                loss = loss + gain + 2 * alike
        mine.zero_grad(set_to_none=True)
        loss.backward()
        norm = torch.nn.utils.clip_grad_norm_(own, 50.0, foreach=True)
        if torch.isfinite(norm):
            mine.step()
            average.update()
        step += 1
        if time.time() - said > (5 if args.toy else 20) or clock.over():
            said = time.time()
            generator = torch.Generator(device)
            generator.manual_seed(5)
            with torch.no_grad(), average.applied():
                m, a = draw("valid", batch, frames, generator)
                held = float(spectra(plain(m), a))
                state = common.cpu_state(net)
            speed = (time.time() - clock.start) / step * 1000
            common.log("vocoder", f"step {step} ({speed:.0f} ms) spectra {float(distance.detach()) / 15:.4f} all {float(loss.detach()):.3f} held out {held:.4f}")
            common.save(args, "vocoder.pt", {"model": state, "step": step, "held_out": held})
    common.log("vocoder", f"done after {step} steps")


if __name__ == "__main__":
    train(common.arguments("vocoder", 400))
