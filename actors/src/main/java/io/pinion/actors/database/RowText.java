package io.pinion.actors.database;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.util.MinimalPrettyPrinter;
import io.pinion.actors.database.Database.TextFormat;
import io.pinion.store.value.AlgebraicType;
import io.pinion.store.value.AlgebraicType.Element;
import io.pinion.store.value.AlgebraicType.Primitive;
import io.pinion.store.value.BsatnLayout;
import io.pinion.store.value.BsatnReader;
import io.pinion.store.value.Bytes;
import io.pinion.store.value.SatsJson;
import io.pinion.store.value.SatsJson.Spelling;
import io.pinion.store.value.Typespace;
import java.io.IOException;
import java.io.Writer;
import java.util.ArrayList;
import java.util.List;

/** Writes rows of one type as text. Used by one thread. */
sealed interface RowText {
    void row(byte[] bytes, int offset, int length) throws IOException;

    /** After the last row. */
    void end() throws IOException;

    static RowText of(TextFormat format, AlgebraicType.Product rowType, Writer out) throws IOException {
        return switch (format) {
            case JSON_LINES -> new JsonLines(rowType, out);
            case CSV -> new Csv(rowType, out);
        };
    }

    /** A JSON object on each line, spelt as rows are. */
    final class JsonLines implements RowText {
        private final AlgebraicType.Product rowType;
        private final Writer out;
        private final JsonGenerator json;

        JsonLines(AlgebraicType.Product rowType, Writer out) throws IOException {
            this.rowType = rowType;
            this.out = out;
            this.json = SatsJson.generator(out);
            json.setPrettyPrinter(new MinimalPrettyPrinter(""));
        }

        @Override
        public void row(byte[] bytes, int offset, int length) throws IOException {
            SatsJson.write(json, Spelling.ROW, Typespace.EMPTY, rowType, new BsatnReader(bytes, offset, length));
            json.writeRaw('\n');
        }

        @Override
        public void end() throws IOException {
            json.flush();
            out.flush();
        }
    }

    /**
     * RFC 4180: a line of column names, then one for each row. A text stands as it is; numbers, bools, bytes and 256-bit
     * numbers as in JSON, without its quotes; an option is its value, or nothing at all for none, where the empty text has
     * quotes; floats that are no number are {@code NaN}, {@code Infinity} and {@code -Infinity}. Anything else is JSON.
     */
    final class Csv implements RowText {
        private static final String LINE_END = "\r\n";

        private final Writer out;
        private final List<Column> columns = new ArrayList<>();

        private record Column(AlgebraicType type, BsatnLayout layout) {}

        Csv(AlgebraicType.Product rowType, Writer out) throws IOException {
            this.out = out;
            String separator = "";
            for (Element element : rowType.elements()) {
                columns.add(new Column(element.type(), BsatnLayout.of(element.type())));
                out.write(separator);
                text(String.valueOf(element.name()));
                separator = ",";
            }
            out.write(LINE_END);
        }

        @Override
        public void row(byte[] bytes, int offset, int length) throws IOException {
            int at = offset;
            for (int i = 0; i < columns.size(); i++) {
                if (i > 0) {
                    out.write(',');
                }
                Column column = columns.get(i);
                int end = column.layout().skip(bytes, at, offset + length);
                field(column.type(), bytes, at, end);
                at = end;
            }
            out.write(LINE_END);
        }

        private void field(AlgebraicType type, byte[] bytes, int from, int to) throws IOException {
            BsatnReader value = new BsatnReader(bytes, from, to - from);
            if (AlgebraicType.isOption(type) && type instanceof AlgebraicType.Sum option) {
                if (value.readU8() == 0) {
                    field(option.variants().getFirst().type(), bytes, from + 1, to);
                }
            } else if (type == Primitive.STRING) {
                text(value.readString());
            } else if (type == Primitive.F32) {
                number(Float.intBitsToFloat(value.readInt()), type, bytes, from, to);
            } else if (type == Primitive.F64) {
                number(Double.longBitsToDouble(value.readLong()), type, bytes, from, to);
            } else {
                text(json(type, bytes, from, to));
            }
        }

        private void number(double value, AlgebraicType type, byte[] bytes, int from, int to) throws IOException {
            out.write(Double.isFinite(value) ? json(type, bytes, from, to) : Double.toString(value));
        }

        /** Without the quotes around what JSON has no other way to write than as a text of hex digits. */
        private static String json(AlgebraicType type, byte[] bytes, int from, int to) {
            String json = SatsJson.toJson(Spelling.ROW, Typespace.EMPTY, type, Bytes.copyOf(bytes, from, to - from));
            return json.startsWith("\"") ? json.substring(1, json.length() - 1) : json;
        }

        private void text(String text) throws IOException {
            boolean needsQuotes =
                    text.isEmpty() || text.chars().anyMatch(c -> c == '"' || c == ',' || c == '\r' || c == '\n');
            out.write(needsQuotes ? '"' + text.replace("\"", "\"\"") + '"' : text);
        }

        @Override
        public void end() throws IOException {
            out.flush();
        }
    }
}
