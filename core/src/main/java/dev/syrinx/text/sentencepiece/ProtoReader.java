package dev.syrinx.text.sentencepiece;

import dev.syrinx.text.TextModelException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;

/** Walks over the fields of one protocol buffer message inside a larger array. Nothing is read outside the message. */
final class ProtoReader {
  private static final int VARINT = 0;
  private static final int FIXED64 = 1;
  private static final int BYTES = 2;
  private static final int FIXED32 = 5;

  private final String file;
  private final byte[] data;
  private final int end;
  private int position;
  private int field;
  private int wireType;

  ProtoReader(String file, byte[] data, int start, int end) {
    this.file = file;
    this.data = data;
    this.position = start;
    this.end = end;
  }

  /** Moves to the next field; false at the end of the message. Each field's value must then be read or skipped. */
  boolean next() {
    if (position == end) {
      return false;
    }
    long tag = varint();
    long number = tag >>> 3;
    if (number < 1 || number > 0x1fffffff) {
      throw damaged("impossible field number " + number);
    }
    field = (int) number;
    wireType = (int) (tag & 7);
    return true;
  }

  int field() {
    return field;
  }

  long readVarint() {
    require(VARINT);
    return varint();
  }

  boolean readBoolean() {
    return readVarint() != 0;
  }

  float readFloat() {
    require(FIXED32);
    int at = advance(4);
    return ByteBuffer.wrap(data, at, 4).order(ByteOrder.LITTLE_ENDIAN).getFloat();
  }

  byte[] readBytes() {
    require(BYTES);
    int length = length();
    int at = advance(length);
    return java.util.Arrays.copyOfRange(data, at, at + length);
  }

  String readString() {
    require(BYTES);
    int length = length();
    int at = advance(length);
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(data, at, length)).toString();
    } catch (CharacterCodingException e) {
      throw new TextModelException(file, "text in field " + field + " before byte " + position + " is not UTF-8", ModelParser.REMEDY, e);
    }
  }

  ProtoReader readMessage() {
    require(BYTES);
    int length = length();
    int at = advance(length);
    return new ProtoReader(file, data, at, at + length);
  }

  void skip() {
    switch (wireType) {
      case VARINT -> varint();
      case FIXED64 -> advance(8);
      case BYTES -> advance(length());
      case FIXED32 -> advance(4);
      default -> throw damaged("unknown wire type " + wireType);
    }
  }

  private void require(int expected) {
    if (wireType != expected) {
      throw damaged("field " + field + " has wire type " + wireType + " instead of " + expected);
    }
  }

  private int length() {
    long length = varint();
    if (length < 0 || length > end - position) {
      throw damaged("field " + field + " claims " + Long.toUnsignedString(length) + " bytes and " + (end - position) + " are left");
    }
    return (int) length;
  }

  private int advance(int length) {
    if (length > end - position) {
      throw damaged("field " + field + " runs past the end of its message");
    }
    int at = position;
    position += length;
    return at;
  }

  private long varint() {
    long value = 0;
    for (int shift = 0; shift < 64; shift += 7) {
      byte b = data[advance(1)];
      value |= (long) (b & 0x7f) << shift;
      if (b >= 0) {
        return value;
      }
    }
    throw damaged("a number of more than ten bytes");
  }

  private TextModelException damaged(String what) {
    return new TextModelException(file, what + " at byte " + position, ModelParser.REMEDY);
  }
}
