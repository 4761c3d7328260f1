"""PyTorch, as the peer of Syrinx: the same shapes, timed on request.

Reads one line per request from standard input and answers with one line of JSON, so that a benchmark can alternate between this process and its own:

    setup CASE THREADS [cpu|cuda] [float32|float16|bfloat16]   builds the case with seeded random weights
    run                                                        runs it once: {"ms": ...}
    quit

Cases: gemm:M,N,K · decode:CONTEXT,ROWS · flow:FRAMES,PROMPT · vocoder:FRAMES · semantic:FRAMES. Dimensions are those of the official IndexTTS-2 where no others follow.
On the CPU in eager mode, on a GPU as one CUDA graph, timed by events. Only torch is imported; the modules below are written from the shapes of the model, for timing, not for parity.
"""

import json
import sys
import time

import torch
import torch.nn.functional as F


PLACE = {"device": "cpu", "dtype": torch.float32}  # of all that the cases make


def rand(*shape, scale=0.02):
    return torch.randn(*shape, **PLACE) * scale


def ones(*shape):
    return torch.ones(*shape, **PLACE)


def zeros(*shape):
    return torch.zeros(*shape, **PLACE)


class Gemm:
    def __init__(self, m, n, k):
        self.x, self.w, self.b = rand(m, k), rand(n, k), rand(n)

    def run(self):
        F.linear(self.x, self.w, self.b)


class Decode:
    """One token of the GPT for each of some sequences: 24 layers of width 1280, 20 heads, head of 8194 codes, with a filled cache."""

    def __init__(self, context, rows=1, width=1280, layers=24, heads=20, codes=8194):
        self.heads, self.width, self.context, self.rows = heads, width, context, rows
        self.layers = []
        for _ in range(layers):
            self.layers.append(dict(
                ln1=(ones(width), zeros(width)), ln2=(ones(width), zeros(width)),
                qkv=(rand(3 * width, width), rand(3 * width)), out=(rand(width, width), rand(width)),
                fc=(rand(4 * width, width), rand(4 * width)), proj=(rand(width, 4 * width), rand(width)),
                k=rand(rows, heads, context, width // heads), v=rand(rows, heads, context, width // heads)))
        self.norms = [(ones(width), zeros(width)) for _ in range(2)]
        self.head = (rand(codes, width), rand(codes))
        self.x = rand(rows, width, scale=1)

    def run(self):
        h, d = self.x, self.width
        for layer in self.layers:
            z = F.layer_norm(h, (d,), *layer["ln1"])
            q, k, v = F.linear(z, *layer["qkv"]).view(self.rows, 3, self.heads, d // self.heads).unbind(1)
            layer["k"][:, :, -1], layer["v"][:, :, -1] = k, v
            a = F.scaled_dot_product_attention(q.unsqueeze(2), layer["k"], layer["v"])
            h = h + F.linear(a.reshape(self.rows, d), *layer["out"])
            z = F.layer_norm(h, (d,), *layer["ln2"])
            h = h + F.linear(F.gelu(F.linear(z, *layer["fc"]), approximate="tanh"), *layer["proj"])
        for norm in self.norms:
            h = F.layer_norm(h, (d,), *norm)
        return F.linear(h, *self.head)


class Flow:
    """One step of the flow: 13 transformer blocks of width 512 and the WaveNet tail, both guidance rows as a batch of two, all frames, no mask tensor."""

    def __init__(self, frames, prompt, width=512, heads=8, blocks=13, inner=1536, mels=80, style=192, layers=8, kernel=5, content=512):
        d = width
        self.t, self.d, self.heads, self.n, self.layers, self.kernel = frames, d, heads, blocks, layers, kernel
        self.blocks = [dict(
            norm1=ones(d), norm2=ones(d), ada1=(rand(2 * d, d), rand(2 * d)), ada2=(rand(2 * d, d), rand(2 * d)),
            qkv=rand(3 * d, d), out=rand(d, d), w1=rand(inner, d), w3=rand(inner, d), w2=rand(d, inner), skip=(rand(d, 2 * d), rand(d))) for _ in range(blocks)]
        self.norm, self.ada = ones(d), (rand(2 * d, d), rand(2 * d))
        self.cond, self.merge = (rand(d, content), rand(d)), (rand(d, 2 * mels + d + style), rand(d))
        self.time = [((rand(d, 256), rand(d)), (rand(d, d), rand(d))) for _ in range(2)]
        self.skip, self.conv1, self.res = (rand(d, d + mels), rand(d)), (rand(d, d), rand(d)), (rand(d, d), rand(d))
        self.gcond = (rand(2 * d * layers, d, 1), rand(2 * d * layers))
        self.inl = [(rand(2 * d, d, kernel), rand(2 * d)) for _ in range(layers)]
        self.rs = [(rand((2 if i < layers - 1 else 1) * d, d, 1), rand((2 if i < layers - 1 else 1) * d)) for i in range(layers)]
        self.final, self.mod, self.conv2 = (rand(d, d), rand(d)), (rand(2 * d, d), rand(2 * d)), (rand(mels, d, 1), rand(mels))
        self.x, self.mu, self.style = rand(1, mels, frames, scale=1), rand(2, frames, content, scale=1), rand(2, style, scale=1)
        self.prompt = rand(2, mels, frames, scale=1)
        angle = torch.outer(torch.arange(frames).float(), 10000 ** (-torch.arange(0, d // heads, 2).float() / (d // heads)))
        self.rope = torch.stack([angle.cos(), angle.sin()]).to(**PLACE)
        self.freqs = torch.exp(-torch.arange(128) * (9.2103 / 128)).to(**PLACE)
        self.when = torch.full((2,), 0.2, **PLACE)

    def rms(self, v, gain):
        return v * torch.rsqrt(v.pow(2).mean(-1, keepdim=True) + 1e-5) * gain

    def rotate(self, q):
        re, im = q.view(*q.shape[:-1], -1, 2).unbind(-1)
        cos, sin = self.rope[:, :, None]
        return torch.stack([re * cos - im * sin, re * sin + im * cos], -1).flatten(-2)

    def ada_norm(self, v, gain, layer, t):
        scale, shift = F.linear(t, *layer).chunk(2, -1)
        return self.rms(v, gain) * scale[:, None] + shift[:, None]

    def embed(self, t, mlp):
        e = 1000 * t[:, None] * self.freqs
        return F.linear(F.silu(F.linear(torch.cat([e.cos(), e.sin()], -1), *mlp[0])), *mlp[1])

    def run(self):
        x, d, n = self.x.expand(2, -1, -1), self.d, self.t
        t = self.when
        t1, t2 = self.embed(t, self.time[0]), self.embed(t, self.time[1])
        c = F.linear(self.mu, *self.cond)
        u = F.linear(torch.cat([x.transpose(1, 2), self.prompt.transpose(1, 2), c, self.style[:, None].expand(-1, n, -1)], -1), *self.merge)
        skips = []
        for i, b in enumerate(self.blocks):
            if i > self.n // 2:
                u = F.linear(torch.cat([u, skips.pop()], -1), *b["skip"])
            z = self.ada_norm(u, b["norm1"], b["ada1"], t1)
            q, k, v = F.linear(z, b["qkv"]).view(2, n, 3, self.heads, d // self.heads).unbind(2)
            a = F.scaled_dot_product_attention(self.rotate(q).transpose(1, 2), self.rotate(k).transpose(1, 2), v.transpose(1, 2))
            u = u + F.linear(a.transpose(1, 2).reshape(2, n, d), b["out"])
            z = self.ada_norm(u, b["norm2"], b["ada2"], t1)
            u = u + F.linear(F.silu(F.linear(z, b["w1"])) * F.linear(z, b["w3"]), b["w2"])
            if i < self.n // 2:
                skips.append(u)
        u = self.ada_norm(u, self.norm, self.ada, t1)
        r = F.linear(torch.cat([u, x.transpose(1, 2)], -1), *self.skip)
        h = F.linear(r, *self.conv1).transpose(1, 2)
        g = F.conv1d(t2[:, :, None], *self.gcond)
        out = 0
        for i in range(self.layers):
            a = F.conv1d(F.pad(h, (self.kernel // 2,) * 2, mode="reflect"), *self.inl[i]) + g[:, 2 * d * i:2 * d * (i + 1)]
            s = F.conv1d(torch.tanh(a[:, :d]) * torch.sigmoid(a[:, d:]), *self.rs[i])
            if i < self.layers - 1:
                h, out = h + s[:, :d], out + s[:, d:]
            else:
                out = out + s
        y = out.transpose(1, 2) + F.linear(r, *self.res)
        shift, scale = F.linear(F.silu(t1), *self.mod).chunk(2, -1)
        y = F.linear(F.layer_norm(y, (d,), eps=1e-6) * (1 + scale[:, None]) + shift[:, None], *self.final)
        v = F.conv1d(y.transpose(1, 2), *self.conv2)
        return 1.7 * v[:1] - 0.7 * v[1:]


class Vocoder:
    """BigVGAN v2, with the anti-aliased activation in plain torch operations; 22 kHz, 80 bands, x256 where sizes (the number of block kernels, these, rates, their kernels) are not given."""

    def __init__(self, frames, initial=1536, mels=80, *sizes):
        count, *sizes = sizes or (3, 3, 7, 11, 4, 4, 2, 2, 2, 2, 8, 8, 4, 4, 4, 4)
        kernels, half = sizes[:count], (len(sizes) - count) // 2
        ups = zip(sizes[count:count + half], sizes[count + half:])
        self.mel = rand(1, mels, frames, scale=1)
        self.pre = (rand(initial, mels, 7), rand(initial))
        self.filter = torch.tensor([0.0020289664, 0.0093894639, -0.0255434641, -0.0576573755, 0.1285726091, 0.4432098001])
        self.filter = torch.cat([self.filter, self.filter.flip(0)]).to(**PLACE)
        self.stages, c = [], initial
        for rate, kernel in ups:
            c //= 2
            blocks = [(k, [[(rand(c, c, k), rand(c)) for _ in range(2)] + [(rand(c), rand(c)), (rand(c), rand(c))] for _ in range(3)]) for k in kernels]
            self.stages.append((rate, kernel, (rand(2 * c, c, kernel), rand(c)), blocks))
        self.post, self.out = (rand(c), rand(c)), rand(1, c, 7)

    def activation(self, x, alpha, beta):
        c = x.shape[1]
        f = self.filter.expand(c, 1, -1)
        u = 2 * F.conv_transpose1d(F.pad(x, (5, 5), mode="replicate"), f, stride=2, groups=c)[..., 15:-15]
        u = u + (u * alpha.exp()[:, None]).sin().pow(2) / (beta.exp()[:, None] + 1e-9)
        return F.conv1d(F.pad(u, (5, 6), mode="replicate"), f, stride=2, groups=c)

    def run(self):
        x = F.conv1d(self.mel, *self.pre, padding=3)
        for rate, kernel, up, blocks in self.stages:
            x = F.conv_transpose1d(x, *up, stride=rate, padding=(kernel - rate) // 2)
            total = 0
            for k, layers in blocks:
                y = x
                for j, (first, second, a, b) in enumerate(layers):
                    dilation = 2 * j + 1
                    z = F.conv1d(self.activation(y, *a), *first, padding=(k - 1) * dilation // 2, dilation=dilation)
                    y = y + F.conv1d(self.activation(z, *b), *second, padding=(k - 1) // 2)
                total = total + y
            x = total / len(blocks)
        return F.conv1d(self.activation(x, *self.post), self.out, padding=3).clamp(-1, 1)


class Semantic:
    """w2v-BERT 2.0 up to the layer whose output is used: conformer blocks with relative keys."""

    def __init__(self, frames, width=1024, layers=17, heads=16, inner=4096, kernel=31, left=64, right=8):
        d = width
        self.t, self.d, self.heads, self.kernel = frames, d, heads, kernel
        norm = lambda n=d: (ones(n), zeros(n))
        feed = lambda: (norm(), (rand(inner, d), rand(inner)), (rand(d, inner), rand(d)))
        self.layers = [dict(
            ffn1=feed(), ffn2=feed(), norm=norm(), qkv=(rand(3 * d, d), rand(3 * d)), out=(rand(d, d), rand(d)), distance=rand(left + right + 1, d // heads),
            conv_norm=norm(), up=rand(2 * d, d), depth=rand(d, 1, kernel), depth_norm=norm(), down=rand(d, d), final=norm()) for _ in range(layers)]
        self.x, self.norm, self.project = rand(1, frames, 160, scale=1), norm(160), (rand(d, 160), rand(d))
        at = torch.arange(frames, device=PLACE["device"])
        self.places = ((at[None] - at[:, None]).clamp(-left, right) + left).expand(heads, -1, -1)

    def feed(self, h, norm, up, down):
        return h + 0.5 * F.linear(F.silu(F.linear(F.layer_norm(h, (self.d,), *norm), *up)), *down)

    def run(self):
        d, n = self.d, self.t
        h = F.linear(F.layer_norm(self.x, (160,), *self.norm), *self.project)
        for layer in self.layers:
            h = self.feed(h, *layer["ffn1"])
            q, k, v = F.linear(F.layer_norm(h, (d,), *layer["norm"]), *layer["qkv"]).view(1, n, 3, self.heads, d // self.heads).permute(2, 0, 3, 1, 4)
            bias = torch.gather(q[0] @ layer["distance"].t(), 2, self.places) * (d // self.heads) ** -0.5
            a = F.scaled_dot_product_attention(q, k, v, attn_mask=bias[None])
            h = h + F.linear(a.transpose(1, 2).reshape(1, n, d), *layer["out"])
            z = F.glu(F.linear(F.layer_norm(h, (d,), *layer["conv_norm"]), layer["up"])).transpose(1, 2)
            z = F.conv1d(F.pad(z, (self.kernel - 1, 0)), layer["depth"], groups=d).transpose(1, 2)
            h = h + F.linear(F.silu(F.layer_norm(z, (d,), *layer["depth_norm"])), layer["down"])
            h = F.layer_norm(self.feed(h, *layer["ffn2"]), (d,), *layer["final"])
        return h


CASES = {"gemm": Gemm, "decode": Decode, "flow": Flow, "vocoder": Vocoder, "semantic": Semantic}


class Eager:
    """Runs a case operation by operation, timed by the clock."""

    def __init__(self, case):
        self.case = case

    def run(self):
        start = time.perf_counter()
        self.case.run()
        return 1e3 * (time.perf_counter() - start)


class Graph:
    """Replays a case as one CUDA graph, timed by events."""

    def __init__(self, case):
        stream = torch.cuda.Stream()
        with torch.cuda.stream(stream):
            for _ in range(3):
                case.run()
        torch.cuda.synchronize()
        self.graph = torch.cuda.CUDAGraph()
        with torch.cuda.graph(self.graph):
            case.run()
        self.start, self.end = (torch.cuda.Event(enable_timing=True) for _ in range(2))

    def run(self):
        self.start.record()
        self.graph.replay()
        self.end.record()
        torch.cuda.synchronize()
        return self.start.elapsed_time(self.end)


def setup(case, threads, device="cpu", dtype="float32"):
    torch.set_num_threads(threads)
    torch.manual_seed(1)
    torch.backends.cudnn.benchmark = True
    PLACE.update(device=device, dtype=getattr(torch, dtype))
    name, _, sizes = case.partition(":")
    made = CASES[name](*[int(s) for s in sizes.split(",") if s])
    return Eager(made) if device == "cpu" else Graph(made)


@torch.inference_mode()
def main():
    case = None
    print(json.dumps({"peer": "PyTorch", "version": torch.__version__}), flush=True)
    for line in sys.stdin:
        words = line.split()
        if not words or words[0] == "quit":
            return
        if words[0] == "setup":
            case = None
            case = setup(words[1], int(words[2]), *words[3:])
            print(json.dumps({"ready": words[1], "threads": torch.get_num_threads()}), flush=True)
        elif words[0] == "run":
            print(json.dumps({"ms": case.run()}), flush=True)


if __name__ == "__main__":
    main()
