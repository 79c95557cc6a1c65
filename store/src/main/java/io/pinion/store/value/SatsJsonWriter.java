package io.pinion.store.value;

import com.fasterxml.jackson.core.JsonGenerator;
import io.pinion.store.value.AlgebraicType.Element;
import io.pinion.store.value.AlgebraicType.Primitive;
import io.pinion.store.value.BsatnException.Category;
import io.pinion.store.value.SatsJson.Spelling;
import java.io.IOException;
import java.math.BigInteger;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Writes one value; see {@link SatsJson#write}. */
final class SatsJsonWriter {
    private final JsonGenerator out;
    private final Typespace typespace;
    private final BsatnReader in;
    /** Units left to write: they cost no input, so the input alone does not bound the output. */
    private long unitsLeft;

    private int depth;

    SatsJsonWriter(JsonGenerator out, Typespace typespace, BsatnReader in) {
        this.out = out;
        this.typespace = typespace;
        this.in = in;
        this.unitsLeft = (long) BsatnLayout.MAX_ZERO_WIDTH_COUNT + in.remaining();
    }

    void write(AlgebraicType type, Spelling spelling) throws IOException {
        if (depth >= BsatnLayout.MAX_DEPTH) {
            throw new BsatnException(
                    Category.TOO_DEEP, "the value nests deeper than " + BsatnLayout.MAX_DEPTH + " at " + in.position());
        }
        depth++;
        switch (typespace.resolve(type)) {
            case Primitive primitive -> writePrimitive(primitive);
            case AlgebraicType.Array(AlgebraicType element) -> writeArray(typespace.resolve(element), spelling);
            case AlgebraicType.Product(List<Element> elements) -> writeProduct(elements, spelling);
            case AlgebraicType.Sum(List<Element> variants) -> writeSum(variants, spelling);
            case AlgebraicType.Ref ref ->
                throw new InvalidTypeException("type reference " + ref.index() + " has no end");
        }
        depth--;
    }

    private void writePrimitive(Primitive primitive) throws IOException {
        switch (primitive) {
            case STRING -> out.writeString(in.readString());
            case BOOL -> out.writeBoolean(in.readBool());
            case I8 -> out.writeNumber(in.readByte());
            case U8 -> out.writeNumber(in.readU8());
            case I16 -> out.writeNumber(in.readShort());
            case U16 -> out.writeNumber(in.readU16());
            case I32 -> out.writeNumber(in.readInt());
            case U32 -> out.writeNumber(in.readU32());
            case I64 -> out.writeNumber(in.readLong());
            case U64, I128, U128 -> out.writeNumber(in.readBigInteger(primitive.size(), primitive.isSigned()));
            case I256, U256 -> out.writeString(prefixedHex(in.readBigInteger(32, primitive.isSigned())));
            case F32 -> writeFloat(JsonFloats.toJson(in.readFloat()));
            case F64 -> writeFloat(JsonFloats.toJson(in.readDouble()));
        }
    }

    static String prefixedHex(BigInteger value) {
        return (value.signum() < 0 ? "-0x" : "0x") + value.abs().toString(16);
    }

    private void writeFloat(@Nullable String number) throws IOException {
        if (number == null) {
            out.writeNull();
        } else {
            out.writeNumber(number);
        }
    }

    private void writeArray(AlgebraicType element, Spelling spelling) throws IOException {
        if (element == Primitive.U8) {
            out.writeString(in.readByteArray().toHex());
            return;
        }
        Spelling inside = spelling == Spelling.ROW ? Spelling.POSITIONAL : spelling;
        long count = in.readCount();
        int start = in.position();
        out.writeStartArray();
        for (long i = 0; i < count; i++) {
            if (i == BsatnLayout.MAX_ZERO_WIDTH_COUNT && in.position() == start) {
                throw tooManyUnits();
            }
            write(element, inside);
        }
        out.writeEndArray();
    }

    private void writeProduct(List<Element> elements, Spelling spelling) throws IOException {
        if (elements.isEmpty()) {
            writeUnit(spelling);
        } else if (spelling == Spelling.POSITIONAL) {
            out.writeStartArray();
            for (Element element : elements) {
                write(element.type(), spelling);
            }
            out.writeEndArray();
        } else {
            out.writeStartObject();
            for (Element element : elements) {
                out.writeFieldName(name(element, "field", spelling));
                write(element.type(), spelling);
            }
            out.writeEndObject();
        }
    }

    private void writeUnit(Spelling spelling) throws IOException {
        if (--unitsLeft < 0) {
            throw tooManyUnits();
        }
        if (spelling == Spelling.ROW) {
            out.writeStartObject();
            out.writeEndObject();
        } else {
            out.writeStartArray();
            out.writeEndArray();
        }
    }

    private BsatnException tooManyUnits() {
        return new BsatnException(Category.TOO_LONG, "too many elements without content before " + in.position());
    }

    private void writeSum(List<Element> variants, Spelling spelling) throws IOException {
        int tag = in.readTag(variants.size(), "the sum");
        Element variant = variants.get(tag);
        if (spelling == Spelling.NATIVE) {
            out.writeStartObject();
            out.writeFieldName(name(variant, "variant", spelling));
            write(variant.type(), spelling);
            out.writeEndObject();
        } else {
            out.writeStartArray();
            out.writeNumber(tag);
            write(variant.type(), spelling);
            out.writeEndArray();
        }
    }

    private static String name(Element element, String kind, Spelling spelling) {
        String name = element.name();
        if (name == null) {
            throw new SatsJsonException(
                    "a " + kind + " without a name cannot be written in the " + spelling + " spelling");
        }
        return name;
    }
}
