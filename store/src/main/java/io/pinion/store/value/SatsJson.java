package io.pinion.store.value;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.StreamReadConstraints;
import io.pinion.store.value.AlgebraicType.Product;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.io.Writer;

/**
 * Values as JSON: three ways to write them, one reader for all (values.md 3). Bytes go straight to text and text
 * straight to bytes; numbers keep every digit. Threadsafe.
 */
public final class SatsJson {
    /** Deepest nesting of arrays and objects that is read. */
    public static final int MAX_NESTING = 128;

    private static final JsonFactory JSON = JsonFactory.builder()
            .streamReadConstraints(StreamReadConstraints.builder()
                    .maxNestingDepth(MAX_NESTING)
                    // Whoever hands the text over has bounded it as a whole.
                    .maxStringLength(Integer.MAX_VALUE)
                    .build())
            .build();

    /** How products and sums are written. */
    public enum Spelling {
        /** Products as objects, sums as objects of one key: what the host itself defines, such as schemas. */
        NATIVE,
        /** Products as arrays, sums as {@code [tag, payload]}: rows of SQL results, return values. */
        POSITIONAL,
        /** Products as objects, sums as {@code [tag, payload]}, and positional inside arrays: whole rows from storage. */
        ROW
    }

    private SatsJson() {}

    /**
     * Writes the value at the reader's position and leaves the reader after it.
     *
     * @throws BsatnException if there is no value of the type; the generator is then left in the middle of one
     * @throws SatsJsonException if a field or variant has no name and the spelling needs one
     * @throws IOException as the generator throws it
     */
    public static void write(
            JsonGenerator out, Spelling spelling, Typespace typespace, AlgebraicType type, BsatnReader value)
            throws IOException {
        new SatsJsonWriter(out, typespace, value).write(type, spelling);
    }

    /** As {@link #write}, to a text of its own. */
    public static String toJson(Spelling spelling, Typespace typespace, AlgebraicType type, Bytes value) {
        StringWriter text = new StringWriter();
        try (JsonGenerator out = generator(text)) {
            write(out, spelling, typespace, type, new BsatnReader(value));
        } catch (IOException e) {
            throw new UncheckedIOException("writing to memory", e);
        }
        return text.toString();
    }

    /** A generator whose output is plain compact JSON. */
    public static JsonGenerator generator(Writer text) throws IOException {
        return JSON.createGenerator(text).disable(JsonGenerator.Feature.AUTO_CLOSE_JSON_CONTENT);
    }

    /**
     * Appends the BSATN of the value that the text spells; nothing but white space may follow it.
     *
     * @throws SatsJsonException if the text is no such value; what was appended by then is to be thrown away
     */
    public static void read(Typespace typespace, AlgebraicType type, String json, BsatnWriter out) {
        SatsJsonReader.read(JSON, json, typespace, out, reader -> reader.value(type));
    }

    public static Bytes toBsatn(Typespace typespace, AlgebraicType type, String json) {
        BsatnWriter out = new BsatnWriter();
        read(typespace, type, json, out);
        return out.toBytes();
    }

    /**
     * Reads the arguments of a function: an array of all of them in order, or an object keyed by parameter name.
     *
     * @param what names the arguments in the message about a wrong number of them: {@code reducer args for transfer}
     *     gives {@code invalid length 1, expected reducer args for transfer with 2 elements}
     * @return the arguments' BSATN back to back
     * @throws SatsJsonException if the text is anything else
     */
    public static Bytes readArguments(String what, Typespace typespace, Product parameters, String json) {
        BsatnWriter out = new BsatnWriter();
        SatsJsonReader.read(JSON, json, typespace, out, reader -> reader.product(parameters, what));
        return out.toBytes();
    }
}
