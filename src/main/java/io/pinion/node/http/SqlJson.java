package io.pinion.node.http;

import com.fasterxml.jackson.core.JsonGenerator;
import io.pinion.actors.database.Database;
import io.pinion.store.value.AlgebraicType;
import io.pinion.store.value.BsatnReader;
import io.pinion.store.value.Bytes;
import io.pinion.store.value.SatsJson;
import io.pinion.store.value.TypeCodec;
import io.pinion.store.value.Typespace;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.util.concurrent.TimeUnit;

/**
 * Results as SQL answers spell them: the schema of a row, then every row as an array of its columns, then what was changed.
 */
final class SqlJson {
    private static final AlgebraicType.Product NO_COLUMNS = AlgebraicType.UNIT;
    /** An empty array. */
    private static final Bytes NO_ROWS = Bytes.wrap(new byte[Integer.BYTES]);

    private SqlJson() {}

    /** An array of the one result there is. A query changes nothing. */
    static String of(Database.Rows rows) {
        return of(rowType(rows), rows.rows(), unchanged(rows));
    }

    /** The same for a statement that yields no rows. */
    static String of(Database.Changed changed) {
        return of(NO_COLUMNS, NO_ROWS, changed);
    }

    private static String of(AlgebraicType.Product rowType, Bytes rows, Database.Changed changed) {
        StringWriter text = new StringWriter();
        try {
            write(rowType, rows, changed, text);
        } catch (IOException e) {
            throw new UncheckedIOException("writing to memory", e);
        }
        return text.toString();
    }

    /** The same as {@link #of}, bit by bit. Closes the writer. */
    static void write(Database.Rows rows, Writer to) throws IOException {
        write(rowType(rows), rows.rows(), unchanged(rows), to);
    }

    private static Database.Changed unchanged(Database.Rows rows) {
        return new Database.Changed(0, 0, 0, rows.offset(), rows.executionNanos());
    }

    private static void write(AlgebraicType.Product rowType, Bytes rows, Database.Changed changed, Writer to)
            throws IOException {
        try (JsonGenerator json = SatsJson.generator(to)) {
            writeResult(json, rowType, rows, changed);
        }
    }

    private static void writeResult(
            JsonGenerator json, AlgebraicType.Product rowType, Bytes rows, Database.Changed changed)
            throws IOException {
        json.writeStartArray();
        json.writeStartObject();
        json.writeFieldName("schema");
        TypeCodec.writeProductJson(json, rowType);
        json.writeFieldName("rows");
        SatsJson.write(
                json,
                SatsJson.Spelling.POSITIONAL,
                Typespace.EMPTY,
                new AlgebraicType.Array(rowType),
                new BsatnReader(rows));
        json.writeNumberField("total_duration_micros", TimeUnit.NANOSECONDS.toMicros(changed.executionNanos()));
        json.writeObjectFieldStart("stats");
        json.writeNumberField("rows_inserted", changed.inserted());
        json.writeNumberField("rows_deleted", changed.deleted());
        json.writeNumberField("rows_updated", changed.updated());
        json.writeEndObject();
        json.writeEndObject();
        json.writeEndArray();
    }

    private static AlgebraicType.Product rowType(Database.Rows rows) {
        AlgebraicType type = TypeCodec.read(new BsatnReader(rows.rowType()));
        if (type instanceof AlgebraicType.Product product) {
            return product;
        }
        throw new IllegalStateException("the database described its rows as " + type + ", which is no product");
    }
}
