package dev.syrinx.kernels;

import dev.syrinx.kernels.activation.Elementwise;
import dev.syrinx.kernels.activation.GatedUnit;
import dev.syrinx.kernels.activation.Pointwise;
import dev.syrinx.kernels.attention.Attention;
import dev.syrinx.kernels.attention.CopyBlocks;
import dev.syrinx.kernels.attention.DecodeAttention;
import dev.syrinx.kernels.attention.Rotary;
import dev.syrinx.kernels.conv.DepthwiseConv;
import dev.syrinx.kernels.conv.PadRows;
import dev.syrinx.kernels.conv.Snake;
import dev.syrinx.kernels.embed.GatherRows;
import dev.syrinx.kernels.embed.ScatterRows;
import dev.syrinx.kernels.gemm.GatedGemm;
import dev.syrinx.kernels.gemm.Gemm;
import dev.syrinx.kernels.gemm.KeptGemm;
import dev.syrinx.kernels.gemm.MirroredGemm;
import dev.syrinx.kernels.gemm.NormedGemm;
import dev.syrinx.kernels.gemm.RotaryGemm;
import dev.syrinx.kernels.norm.GroupNorm;
import dev.syrinx.kernels.norm.L2Norm;
import dev.syrinx.kernels.norm.LayerNorm;
import dev.syrinx.kernels.norm.RmsNorm;
import dev.syrinx.kernels.sample.AddToRows;
import dev.syrinx.kernels.sample.AdvanceBeams;
import dev.syrinx.kernels.sample.DrawCodes;
import dev.syrinx.kernels.sample.GumbelTopK;
import dev.syrinx.kernels.sample.LogSoftmax;
import dev.syrinx.kernels.sample.PhiloxNoise;
import dev.syrinx.kernels.sample.ProcessScores;
import dev.syrinx.kernels.sample.RepetitionPenalty;
import dev.syrinx.kernels.sample.Softmax;
import dev.syrinx.kernels.sample.Temperature;
import dev.syrinx.kernels.sample.TopK;
import dev.syrinx.kernels.sample.TopP;
import dev.syrinx.kernels.sample.Typical;
import dev.syrinx.kernels.signal.ArgmaxRows;
import dev.syrinx.kernels.signal.RowStatistics;
import dev.syrinx.kernels.signal.SegmentMean;
import dev.syrinx.kernels.signal.SegmentScale;
import java.util.List;
import java.util.NoSuchElementException;

/** Every kernel of the engine. Registering here is the only registration. */
public final class KernelCatalog {
  /** All declarations, by family. */
  public static final List<KernelSpec> ALL =
      List.of(
          Elementwise.SPEC, GatedUnit.SPEC, Pointwise.SPEC,
          Attention.SPEC, CopyBlocks.SPEC, DecodeAttention.SPEC, Rotary.SPEC,
          DepthwiseConv.SPEC, PadRows.SPEC, Snake.SPEC,
          GatherRows.SPEC, ScatterRows.SPEC,
          GatedGemm.SPEC, Gemm.SPEC, KeptGemm.SPEC, MirroredGemm.SPEC, NormedGemm.SPEC, RotaryGemm.SPEC,
          GroupNorm.SPEC, L2Norm.SPEC, LayerNorm.SPEC, RmsNorm.SPEC,
          AddToRows.SPEC, AdvanceBeams.SPEC, DrawCodes.SPEC, GumbelTopK.SPEC, LogSoftmax.SPEC, PhiloxNoise.SPEC, ProcessScores.SPEC,
          RepetitionPenalty.SPEC, Softmax.SPEC, Temperature.SPEC,
          TopK.SPEC, TopP.SPEC, Typical.SPEC,
          ArgmaxRows.SPEC, RowStatistics.SPEC, SegmentMean.SPEC, SegmentScale.SPEC);

  private KernelCatalog() {}

  /**
   * The kernel of a name.
   *
   * @throws NoSuchElementException naming the kernels there are
   */
  public static KernelSpec named(String name) {
    return ALL.stream().filter(spec -> spec.name().equals(name)).findFirst()
        .orElseThrow(() -> new NoSuchElementException("no kernel '" + name + "'; there are " + ALL));
  }
}
