package dev.syrinx.weights;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** The unpickler's stack, its marks and its memo, each with a limit. */
final class PickleStack {
  private static final int MAX_DEPTH = 200_000;
  private static final int MAX_MARKS = 10_000;
  private static final int MAX_MEMO = 1_000_000;
  private static final long MAX_COPIED = 1_000_000;

  private final PickleInput in;
  private final List<TorchValue> values = new ArrayList<>();
  private final List<Integer> marks = new ArrayList<>();
  private TorchValue[] memo = new TorchValue[64];
  private int remembered;
  private long copied;

  PickleStack(PickleInput in) {
    this.in = in;
  }

  void push(TorchValue value) {
    if (values.size() >= MAX_DEPTH) {
      throw in.error("more than " + MAX_DEPTH + " values on the stack");
    }
    values.add(value);
  }

  TorchValue pop() {
    return popMany(1).getFirst();
  }

  /** The topmost values, lowest first. A mark is never crossed. */
  List<TorchValue> popMany(int count) {
    int floor = marks.isEmpty() ? 0 : marks.getLast();
    if (values.size() - floor < count) {
      throw in.error("nothing on the stack");
    }
    List<TorchValue> top = values.subList(values.size() - count, values.size());
    List<TorchValue> popped = List.copyOf(top);
    top.clear();
    return popped;
  }

  /** Looks at a value without taking it; 0 is the topmost. */
  TorchValue peek(int below) {
    int index = values.size() - 1 - below;
    if (index < 0) {
      throw in.error("nothing on the stack");
    }
    return values.get(index);
  }

  void mark() {
    if (marks.size() >= MAX_MARKS) {
      throw in.error("nested more than " + MAX_MARKS + " deep");
    }
    marks.add(values.size());
  }

  List<TorchValue> popToMark() {
    if (marks.isEmpty()) {
      throw in.error("no mark on the stack");
    }
    int floor = marks.getLast();
    List<TorchValue> popped = popMany(values.size() - floor);
    marks.removeLast();
    return popped;
  }

  void remember(long index) {
    if (index < 0 || index >= MAX_MEMO) {
      throw in.error("memo number " + index + "; at most " + MAX_MEMO + " are accepted");
    }
    if (index >= memo.length) {
      memo = Arrays.copyOf(memo, (int) Math.min(MAX_MEMO, Math.max(index + 1, 2L * memo.length)));
    }
    if (memo[(int) index] == null) {
      remembered++;
    }
    memo[(int) index] = peek(0);
  }

  void rememberNext() {
    remember(remembered);
  }

  TorchValue recall(long index) {
    if (index < 0 || index >= memo.length || memo[(int) index] == null) {
      throw in.error("nothing in the memo under number " + index);
    }
    return memo[(int) index];
  }

  /** Accounts for a copy of a container: one short instruction could otherwise cost any amount of memory, again and again. */
  void countCopies(int items) {
    copied += items;
    if (copied > MAX_COPIED) {
      throw in.error("more than " + MAX_COPIED + " items copied");
    }
  }
}
