package dev.syrinx.kernels;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorSpecies;

/** The vector shape of this process, constant so that C2 compiles straight-line code. Touch only where the module is present. */
public final class Species {
  /** Float vectors. */
  public static final VectorSpecies<Float> F = VectorSpecies.of(float.class, shape());

  /** Int vectors of the same width. */
  public static final VectorSpecies<Integer> I = VectorSpecies.of(int.class, F.vectorShape());

  /** Float lanes of a vector. */
  public static final int LANES = F.length();

  private Species() {}

  private static VectorShape shape() {
    int widest = Math.max(128, Math.min(512, FloatVector.SPECIES_PREFERRED.vectorBitSize()));
    int bits = Integer.getInteger(Lanes.BITS_PROPERTY, widest);
    if ((bits != 128 && bits != 256 && bits != 512) || bits > widest) {
      throw new IllegalArgumentException(
          "-D" + Lanes.BITS_PROPERTY + "=" + bits + " is not possible here: use 128, 256 or 512, at most " + widest);
    }
    return VectorShape.forBitSize(bits);
  }

}
