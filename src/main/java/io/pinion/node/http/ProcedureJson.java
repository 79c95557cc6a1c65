package io.pinion.node.http;

import com.fasterxml.jackson.core.JsonGenerator;
import io.pinion.actors.database.Database;
import io.pinion.store.value.BsatnReader;
import io.pinion.store.value.SatsJson;
import io.pinion.store.value.TypeCodec;
import io.pinion.store.value.Typespace;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;

/** What a procedure has returned, as its callers get it. */
final class ProcedureJson {
    private ProcedureJson() {}

    static String of(Database.Returned returned) {
        StringWriter text = new StringWriter();
        try (JsonGenerator json = SatsJson.generator(text)) {
            SatsJson.write(
                    json,
                    SatsJson.Spelling.POSITIONAL,
                    Typespace.EMPTY,
                    TypeCodec.read(new BsatnReader(returned.returnType())),
                    new BsatnReader(returned.value()));
        } catch (IOException e) {
            throw new UncheckedIOException("writing to memory", e);
        }
        return text.toString();
    }
}
