package io.pinion.store.value;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonStreamContext;
import com.fasterxml.jackson.core.JsonToken;
import io.pinion.store.value.AlgebraicType.Element;
import io.pinion.store.value.AlgebraicType.Primitive;
import io.pinion.store.value.AlgebraicType.Product;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigInteger;
import java.util.HexFormat;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Reads one value of an expected type; see {@link SatsJson#read}. The parser stands on the token being read. */
final class SatsJsonReader {
    private static final Pattern PREFIXED_HEX = Pattern.compile("[+-]?0x[0-9a-fA-F]+");
    private static final int WIDEST_HEX_DIGITS = 64;
    private static final int QUOTED_CHARS_MAX = 40;

    /** What is to be read at the top of the document. */
    interface Root {
        void read(SatsJsonReader reader) throws IOException;
    }

    private final JsonParser in;
    private final Typespace typespace;
    private final BsatnWriter out;

    private SatsJsonReader(JsonParser in, Typespace typespace, BsatnWriter out) {
        this.in = in;
        this.typespace = typespace;
        this.out = out;
    }

    static void read(JsonFactory json, String text, Typespace typespace, BsatnWriter out, Root root) {
        try (JsonParser parser = json.createParser(text)) {
            new SatsJsonReader(parser, typespace, out).document(root);
        } catch (IOException e) {
            throw new UncheckedIOException("reading from memory", e);
        }
    }

    private void document(Root root) throws IOException {
        try {
            if (in.nextToken() == null) {
                throw new SatsJsonException("expected a JSON value, got nothing");
            }
            root.read(this);
            if (in.nextToken() != null) {
                throw new SatsJsonException("unexpected text after the JSON value");
            }
        } catch (JsonProcessingException e) {
            JsonLocation place = in.currentLocation();
            throw new SatsJsonException(
                    "line " + place.getLineNr() + ", column " + place.getColumnNr() + ": " + e.getOriginalMessage());
        }
    }

    void value(AlgebraicType type) throws IOException {
        switch (typespace.resolve(type)) {
            case Primitive primitive -> primitive(primitive);
            case AlgebraicType.Array(AlgebraicType element) -> array(typespace.resolve(element));
            case Product product -> product(product, "a product");
            case AlgebraicType.Sum sum -> sum(sum);
            case AlgebraicType.Ref ref ->
                throw new InvalidTypeException("type reference " + ref.index() + " has no end");
        }
    }

    private void primitive(Primitive primitive) throws IOException {
        switch (primitive) {
            case BOOL -> out.writeBool(bool());
            case STRING -> out.writeString(string());
            case F32, F64 -> floating(primitive);
            case I256, U256 -> wideInteger(primitive);
            default -> integer(primitive);
        }
    }

    private boolean bool() {
        return switch (in.currentToken()) {
            case VALUE_TRUE -> true;
            case VALUE_FALSE -> false;
            default -> throw expected("Bool");
        };
    }

    private String string() throws IOException {
        if (in.currentToken() != JsonToken.VALUE_STRING) {
            throw expected("String");
        }
        String text = in.getText();
        for (int i = 0; i < text.length(); i++) {
            if (Character.isSurrogate(text.charAt(i)) && !Character.isSupplementaryCodePoint(text.codePointAt(i++))) {
                throw at("expected String, got half a surrogate pair");
            }
        }
        return text;
    }

    private void floating(Primitive primitive) throws IOException {
        JsonToken token = in.currentToken();
        if (token != JsonToken.VALUE_NUMBER_INT && token != JsonToken.VALUE_NUMBER_FLOAT) {
            throw expected(primitive.spelling());
        }
        String text = in.getText();
        if (primitive == Primitive.F32) {
            float value = Float.parseFloat(text);
            requireInRange(Float.isFinite(value), primitive);
            out.writeFloat(value);
        } else {
            double value = Double.parseDouble(text);
            requireInRange(Double.isFinite(value), primitive);
            out.writeDouble(value);
        }
    }

    private void integer(Primitive primitive) throws IOException {
        if (in.currentToken() != JsonToken.VALUE_NUMBER_INT) {
            throw expected(primitive.spelling());
        }
        writeInRange(in.getBigIntegerValue(), primitive);
    }

    private void wideInteger(Primitive primitive) throws IOException {
        if (in.currentToken() != JsonToken.VALUE_STRING) {
            throw expected(primitive.spelling() + " as a string of 0x and hex digits");
        }
        String text = in.getText();
        if (!PREFIXED_HEX.matcher(text).matches() || (text.charAt(0) == '-' && !primitive.isSigned())) {
            throw at("expected " + primitive.spelling() + " as 0x and hex digits, got " + quoted(text));
        }
        int first = text.indexOf('x') + 1;
        while (first < text.length() - 1 && text.charAt(first) == '0') {
            first++;
        }
        requireInRange(text.length() - first <= WIDEST_HEX_DIGITS, primitive);
        BigInteger magnitude = new BigInteger(text.substring(first), 16);
        writeInRange(text.charAt(0) == '-' ? magnitude.negate() : magnitude, primitive);
    }

    private void writeInRange(BigInteger value, Primitive primitive) throws IOException {
        requireInRange(Integers.isInRange(value, primitive), primitive);
        out.writeBigInteger(value, primitive.size());
    }

    private void requireInRange(boolean inRange, Primitive primitive) throws IOException {
        if (!inRange) {
            throw at(abbreviated(in.getText()) + " is out of range for " + primitive.spelling());
        }
    }

    private void array(AlgebraicType element) throws IOException {
        if (element == Primitive.U8 && in.currentToken() == JsonToken.VALUE_STRING) {
            hexBytes(in.getText());
            return;
        }
        if (in.currentToken() != JsonToken.START_ARRAY) {
            throw expected(element == Primitive.U8 ? "bytes as hex digits or an array" : "an array");
        }
        int countAt = out.length();
        out.writeInt(0);
        int count = 0;
        while (in.nextToken() != JsonToken.END_ARRAY) {
            value(element);
            count++;
            if (count > BsatnLayout.MAX_ZERO_WIDTH_COUNT && out.length() == countAt + Integer.BYTES) {
                throw at("more than " + BsatnLayout.MAX_ZERO_WIDTH_COUNT + " elements without content");
            }
        }
        out.setInt(countAt, count);
    }

    private void hexBytes(String text) {
        byte[] bytes;
        try {
            bytes = HexFormat.of().parseHex(text);
        } catch (IllegalArgumentException _) {
            throw at("expected bytes as an even number of hex digits, got " + quoted(text));
        }
        out.writeInt(bytes.length).writeRaw(bytes, 0, bytes.length);
    }

    /** @param what names the product in the message about a wrong number of elements */
    void product(Product product, String what) throws IOException {
        switch (in.currentToken()) {
            case START_ARRAY -> positionalProduct(product.elements(), what);
            case START_OBJECT -> namedProduct(product.elements());
            default ->
                throw expected("an object or an array of " + product.elements().size() + " elements");
        }
    }

    private void positionalProduct(List<Element> elements, String what) throws IOException {
        int count = 0;
        while (in.nextToken() != JsonToken.END_ARRAY) {
            if (count < elements.size()) {
                value(elements.get(count).type());
            } else {
                in.skipChildren();
            }
            count++;
        }
        if (count != elements.size()) {
            throw at("invalid length " + count + ", expected " + what + " with " + elements.size() + " elements");
        }
    }

    /** Fields come in any order; they are written as they come and put into their own order at the end. */
    private void namedProduct(List<Element> elements) throws IOException {
        int start = out.length();
        int[] starts = new int[elements.size()];
        int[] ends = new int[elements.size()];
        int inOrder = 0;
        int count = 0;
        while (in.nextToken() != JsonToken.END_OBJECT) {
            int field = fieldIndex(elements, in.currentName(), count);
            if (ends[field] != 0) {
                throw at("the field is given twice");
            }
            in.nextToken();
            starts[field] = out.length();
            value(elements.get(field).type());
            // One past the end, so that zero means "not seen" even for an empty value at the very start.
            ends[field] = out.length() + 1;
            inOrder += field == count ? 1 : 0;
            count++;
        }
        requireAll(elements, ends);
        if (inOrder != count) {
            reorder(start, starts, ends);
        }
    }

    private int fieldIndex(List<Element> elements, String name, int likely) {
        if (likely < elements.size() && name.equals(elements.get(likely).name())) {
            return likely;
        }
        for (int i = 0; i < elements.size(); i++) {
            if (name.equals(elements.get(i).name())) {
                return i;
            }
        }
        throw at("there is no such field");
    }

    private void requireAll(List<Element> elements, int[] ends) {
        for (int i = 0; i < ends.length; i++) {
            if (ends[i] == 0) {
                String name = elements.get(i).name();
                throw at(
                        name == null
                                ? "field " + i + " has no name, so an array is needed"
                                : "missing field " + quoted(name));
            }
        }
    }

    private void reorder(int start, int[] starts, int[] ends) {
        Bytes written = Bytes.copyOf(out.buffer(), start, out.length() - start);
        out.truncate(start);
        for (int i = 0; i < starts.length; i++) {
            out.writeRaw(written.unsafeArray(), starts[i] - start, ends[i] - 1 - starts[i]);
        }
    }

    private void sum(AlgebraicType.Sum sum) throws IOException {
        switch (in.currentToken()) {
            case START_OBJECT -> {
                if (in.nextToken() == JsonToken.END_OBJECT) {
                    throw at("expected one variant, got an empty object");
                }
                int tag = tag(sum, in.currentName());
                in.nextToken();
                payload(sum, tag, JsonToken.END_OBJECT);
            }
            case START_ARRAY -> {
                int tag = tagToken(sum, in.nextToken());
                if (in.nextToken() == JsonToken.END_ARRAY) {
                    throw at("expected a variant and its payload, got an array of one");
                }
                payload(sum, tag, JsonToken.END_ARRAY);
            }
            case VALUE_NULL -> {
                if (!AlgebraicType.isOption(sum)) {
                    throw expected("a variant as an object of one key");
                }
                out.writeByte(1);
            }
            default -> throw expected("a variant as an object of one key or an array of two");
        }
    }

    private void payload(AlgebraicType.Sum sum, int tag, JsonToken end) throws IOException {
        out.writeByte(tag);
        value(sum.variants().get(tag).type());
        if (in.nextToken() != end) {
            throw at("expected one variant and its payload, got more");
        }
    }

    private int tagToken(AlgebraicType.Sum sum, @Nullable JsonToken token) throws IOException {
        if (token == JsonToken.VALUE_STRING || token == JsonToken.VALUE_NUMBER_INT) {
            return tag(sum, in.getText());
        }
        throw expected("a variant's name or number");
    }

    /** Digits are tried first, then names. */
    private int tag(AlgebraicType.Sum sum, String nameOrNumber) {
        int number = smallNumber(nameOrNumber);
        if (number >= 0 && number < sum.variants().size()) {
            return number;
        }
        for (int i = 0; number < 0 && i < sum.variants().size(); i++) {
            if (nameOrNumber.equals(sum.variants().get(i).name())) {
                return i;
            }
        }
        throw at("there is no variant " + quoted(nameOrNumber));
    }

    /** The value of one to three decimal digits up to 255, else −1. */
    private static int smallNumber(String text) {
        if (text.isEmpty() || text.length() > 3 || !text.chars().allMatch(c -> c >= '0' && c <= '9')) {
            return -1;
        }
        int number = Integer.parseInt(text);
        return number <= 0xff ? number : -1;
    }

    private SatsJsonException expected(String what) {
        return at("expected " + what + ", got " + found());
    }

    private String found() {
        return switch (in.currentToken()) {
            case START_OBJECT -> "an object";
            case START_ARRAY -> "an array";
            case VALUE_STRING -> "a string";
            case VALUE_NUMBER_INT -> "an integer";
            case VALUE_NUMBER_FLOAT -> "a number with a fraction or exponent";
            case VALUE_TRUE, VALUE_FALSE -> "a bool";
            case VALUE_NULL -> "null";
            case END_ARRAY, END_OBJECT -> "nothing";
            default -> in.currentToken().name();
        };
    }

    private SatsJsonException at(String message) {
        StringBuilder path = new StringBuilder();
        appendPath(path, in.getParsingContext());
        return new SatsJsonException(path.isEmpty() ? message : path + ": " + message);
    }

    private static void appendPath(StringBuilder path, @Nullable JsonStreamContext context) {
        if (context == null) {
            return;
        }
        appendPath(path, context.getParent());
        if (context.inArray() && context.hasCurrentIndex()) {
            path.append('[').append(context.getCurrentIndex()).append(']');
        } else if (context.inObject() && context.getCurrentName() != null) {
            path.append(path.isEmpty() ? "" : ".").append(abbreviated(context.getCurrentName()));
        }
    }

    private static String quoted(String text) {
        return '"' + abbreviated(text) + '"';
    }

    private static String abbreviated(String text) {
        return text.length() <= QUOTED_CHARS_MAX ? text : text.substring(0, QUOTED_CHARS_MAX) + "…";
    }
}
