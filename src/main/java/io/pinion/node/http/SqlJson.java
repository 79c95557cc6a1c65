package io.pinion.node.http;

import com.fasterxml.jackson.core.JsonGenerator;
import io.pinion.actors.database.Database;
import io.pinion.store.value.AlgebraicType;
import io.pinion.store.value.BsatnReader;
import io.pinion.store.value.SatsJson;
import io.pinion.store.value.TypeCodec;
import io.pinion.store.value.Typespace;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.util.concurrent.TimeUnit;

/** Rows as SQL answers spell them: the schema of a row, then every row as an array of its columns. */
final class SqlJson {
    private SqlJson() {}

    /** An array of the one result there is. */
    static String of(Database.Rows rows) {
        StringWriter text = new StringWriter();
        try (JsonGenerator json = SatsJson.generator(text)) {
            writeResult(json, rows);
        } catch (IOException e) {
            throw new UncheckedIOException("writing to memory", e);
        }
        return text.toString();
    }

    private static void writeResult(JsonGenerator json, Database.Rows rows) throws IOException {
        AlgebraicType.Product rowType = rowType(rows);
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
                new BsatnReader(rows.rows()));
        json.writeNumberField("total_duration_micros", TimeUnit.NANOSECONDS.toMicros(rows.executionNanos()));
        writeStatistics(json);
        json.writeEndObject();
        json.writeEndArray();
    }

    /** A query changes nothing. */
    private static void writeStatistics(JsonGenerator json) throws IOException {
        json.writeObjectFieldStart("stats");
        json.writeNumberField("rows_inserted", 0);
        json.writeNumberField("rows_deleted", 0);
        json.writeNumberField("rows_updated", 0);
        json.writeEndObject();
    }

    private static AlgebraicType.Product rowType(Database.Rows rows) {
        AlgebraicType type = TypeCodec.read(new BsatnReader(rows.rowType()));
        if (type instanceof AlgebraicType.Product product) {
            return product;
        }
        throw new IllegalStateException("the database described its rows as " + type + ", which is no product");
    }
}
