package io.pinion.node.http;

import io.pinion.actors.database.Database;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.OutputStream;
import java.io.OutputStreamWriter;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.apache.pekko.http.javadsl.model.ContentTypes;
import org.apache.pekko.http.javadsl.model.HttpEntities;
import org.apache.pekko.http.javadsl.model.HttpResponse;
import org.apache.pekko.stream.javadsl.StreamConverters;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Large results of queries: their text, several times the size of the rows, is made while it is sent and never whole. */
final class SqlStream {
    /** Smaller ones are sent in one piece. */
    static final int ROW_BYTES_MIN = 256 << 10;

    private static final Logger LOG = LoggerFactory.getLogger(SqlStream.class);

    private SqlStream() {}

    /** @param timeout for the client to take each part */
    static HttpResponse answer(Database.Rows rows, Duration timeout) {
        return HttpResponse.create()
                .withEntity(HttpEntities.createChunked(
                        ContentTypes.APPLICATION_JSON,
                        StreamConverters.asOutputStream(timeout)
                                .mapMaterializedValue(out -> Thread.startVirtualThread(() -> write(rows, out)))));
    }

    private static void write(Database.Rows rows, OutputStream out) {
        try {
            SqlJson.write(rows, new BufferedWriter(new OutputStreamWriter(out, StandardCharsets.UTF_8)));
        } catch (IOException e) {
            LOG.debug("a client has not read a result to its end", e);
        }
    }
}
