package dev.syrinx.verify;

import dev.syrinx.backend.cuda.CudaBackend;
import dev.syrinx.backend.cuda.CudaOptions;
import dev.syrinx.backend.cuda.UserKernel;
import dev.syrinx.backend.cuda.UserKernelException;
import dev.syrinx.kernels.KernelSpec;
import java.util.List;
import java.util.Locale;

/** The contract of an operation, kept by a kernel that somebody brought: every case of the declaration against the scalar reference, on the device. */
public final class UserKernelCheck {
  private UserKernelCheck() {}

  /**
   * Checks the kernels that a backend was opened with.
   *
   * @throws UserKernelException naming the first fault; the backend is closed then
   */
  public static void require(CudaBackend backend, CudaOptions options) {
    for (UserKernel kernel : options.kernels()) {
      try {
        require(backend, kernel);
      } catch (UserKernelException e) {
        backend.close();
        throw e;
      }
    }
  }

  private static void require(CudaBackend backend, UserKernel kernel) {
    String what = "--kernel " + kernel.kernel() + "=" + kernel.file() + ":" + kernel.entry();
    KernelCheckDevice device = new KernelCheckDevice(backend);
    KernelCheckTarget theirs = spec -> device.candidates(spec).stream().filter(c -> c.name().equals(kernel.name())).toList();
    KernelSpec spec = kernel.spec();
    KernelCheck.Report report = new KernelCheck(theirs, outcome -> {}).run(List.of(spec));
    List<KernelCheckOutcome> ran = report.outcomes().stream().filter(o -> o.runs() > 0 || !o.faults().isEmpty()).toList();
    if (!report.skipped().isEmpty()) {
      throw new UserKernelException(what + " took the device with it: " + ran.getLast().faults().getLast() + "; find out why with compute-sanitizer");
    }
    ran.stream().filter(o -> !o.passed()).findFirst().ifPresent(miss -> {
      String fault = miss.worst().allowed()
          ? miss.faults().getFirst()
          : String.format(Locale.ROOT, "the error is %.3g times what is allowed, %s", miss.worst().share(), miss.worst().where());
      throw new UserKernelException(what + " does not compute " + spec.formula() + ": " + fault);
    });
    if (ran.isEmpty()) {
      throw new UserKernelException(what + " takes no case of " + spec.name());
    }
  }
}
