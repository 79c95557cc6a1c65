package io.pinion.node.pgwire;

import io.pinion.actors.cluster.HostingRefusedException;
import io.pinion.actors.cluster.PinionHost;
import io.pinion.actors.database.Database;
import io.pinion.node.auth.Credentials;
import io.pinion.node.auth.TokenAuthority;
import io.pinion.node.auth.TokenVerdict;
import io.pinion.node.pgwire.PgMessages.Body;
import io.pinion.node.ws.Refusals;
import io.pinion.store.value.AlgebraicType.Element;
import io.pinion.store.value.AlgebraicType.Product;
import io.pinion.store.value.BsatnReader;
import io.pinion.store.value.ConnectionId;
import io.pinion.store.value.Identity;
import io.pinion.store.value.TypeCodec;
import java.io.IOException;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeoutException;

/**
 * One conversation. It begins with the wish for encryption, which is refused, or at once with the name of a database; then
 * the client is asked for its password, which is a token; then it asks statements, one by one, until it says good-bye. What is
 * wrong before that ends the connection; a statement that is wrong is answered so, and the next is read. The extended
 * protocol is refused: all of its messages are passed over until the client synchronises. Blocks; on one virtual thread.
 */
final class PgConnection {
    private static final int PROTOCOL_3 = 196_608;
    private static final int WANTS_TLS = 80_877_103;
    private static final int WANTS_GSS = 80_877_104;
    private static final int CLEARTEXT_PASSWORD = 3;
    private static final int TEXT_FORMAT = 0;

    private final Socket socket;
    private final PgMessages messages;
    private final PinionHost host;
    private final TokenAuthority tokens;
    private final PgSettings settings;
    private final String version;

    PgConnection(Socket socket, PinionHost host, TokenAuthority tokens, PgSettings settings, String version)
            throws IOException {
        this.socket = socket;
        this.messages = new PgMessages(socket.getInputStream(), socket.getOutputStream(), settings.messageBytesMax());
        this.host = host;
        this.tokens = tokens;
        this.settings = settings;
        this.version = version;
    }

    /** Ends the connection for a reason that the client is told. */
    private static final class FatalException extends Exception {
        private static final long serialVersionUID = 1L;

        private final String code;
        private final String reason;

        FatalException(String code, String reason) {
            super(reason);
            this.code = code;
            this.reason = reason;
        }
    }

    /** Returns when the connection is to be closed. */
    void converse() throws IOException {
        try {
            socket.setSoTimeout(Math.toIntExact(settings.loginTimeout().toMillis()));
            Optional<Identity> database = greet();
            if (database.isPresent()) {
                Credentials caller = login();
                socket.setSoTimeout(0);
                welcome();
                serve(database.get(), caller);
            }
        } catch (FatalException e) {
            error("FATAL", e.code, e.reason);
            messages.flush();
        }
    }

    /** The database that the client wants; nothing if it wanted to cancel a query of another connection. */
    private Optional<Identity> greet() throws IOException, FatalException {
        ByteBuffer first = ByteBuffer.wrap(messages.readFirst());
        int code = code(first);
        while (code == WANTS_TLS || code == WANTS_GSS) {
            messages.writeByte('N');
            first = ByteBuffer.wrap(messages.readFirst());
            code = code(first);
        }
        if (code >>> 16 != PROTOCOL_3 >>> 16) {
            return Optional.empty();
        }
        String name = database(first);
        return Optional.of(await(host.resolve(name))
                .orElseThrow(() -> new FatalException("3D000", "database `" + name + "` not found")));
    }

    private static int code(ByteBuffer message) throws IOException {
        if (message.remaining() < Integer.BYTES) {
            throw new IOException("a first message of " + message.remaining() + " bytes");
        }
        return message.getInt();
    }

    private static String database(ByteBuffer parameters) throws FatalException {
        String[] texts = StandardCharsets.UTF_8.decode(parameters).toString().split("\0", -1);
        for (int i = 0; i + 1 < texts.length; i += 2) {
            if (texts[i].equals("database")) {
                return texts[i + 1];
            }
        }
        throw new FatalException("3D000", "the name of a database is needed");
    }

    private Credentials login() throws IOException, FatalException {
        messages.write('R', new Body().int32(CLEARTEXT_PASSWORD));
        messages.flush();
        PgMessages.Message answer = messages.read();
        if (answer.tag() != 'p') {
            throw new FatalException("08P01", "a password was asked for, and not `" + answer.tag() + "`");
        }
        return switch (tokens.validate(answer.body())) {
            case TokenVerdict.Accepted(Credentials credentials) -> credentials;
            case TokenVerdict.Refused(String reason) ->
                throw new FatalException("28P01", "the password has to be a token: " + reason);
        };
    }

    private void welcome() throws IOException {
        messages.write('R', new Body().int32(0));
        messages.write('S', new Body().text("server_version").text("spacetime " + version));
        messages.write('S', new Body().text("server_encoding").text("UTF8"));
        messages.write('S', new Body().text("client_encoding").text("UTF8"));
        messages.write('S', new Body().text("standard_conforming_strings").text("on"));
        messages.write('S', new Body().text("DateStyle").text("ISO"));
    }

    private void serve(Identity database, Credentials caller) throws IOException, FatalException {
        ready();
        while (true) {
            PgMessages.Message message = messages.read();
            switch (message.tag()) {
                case 'X' -> {
                    return;
                }
                case 'Q' -> {
                    query(database, caller, message.body());
                    ready();
                }
                case 'P', 'B', 'D', 'E', 'C', 'F' -> {
                    error("ERROR", "0A000", "only the simple query protocol is spoken here");
                    messages.flush();
                    skipToSync();
                    ready();
                }
                case 'S' -> ready();
                case 'H' -> messages.flush();
                default -> throw new FatalException("08P01", "no message is called `" + message.tag() + "`");
            }
        }
    }

    private void skipToSync() throws IOException {
        char tag;
        do {
            tag = messages.read().tag();
        } while (tag != 'S');
    }

    private void ready() throws IOException {
        messages.write('Z', new Body().int8('I'));
        messages.flush();
    }

    private void query(Identity database, Credentials credentials, String sql) throws IOException, FatalException {
        if (sql.replace(';', ' ').isBlank()) {
            messages.write('I', new Body());
            return;
        }
        Database.Caller caller =
                new Database.Caller(credentials.identity(), ConnectionId.random(), credentials.claims());
        switch (ask(database, sql, caller)) {
            case Database.Rows rows -> rows(rows);
            case Database.Changed changed -> messages.write('C', new Body().text(tag(changed)));
            case Database.BadQuery(String reason) -> error("ERROR", "42000", reason);
            case Database.NoSuchModule none -> throw new FatalException("3D000", Refusals.text(none));
            case Database.Refusal refusal -> error("ERROR", code(refusal), Refusals.text(refusal));
        }
    }

    private Database.QueryOutcome ask(Identity database, String sql, Database.Caller caller) throws FatalException {
        long deadlineNanos = System.nanoTime() + settings.queryTimeout().toNanos();
        return await(host.<Database.QueryOutcome>ask(
                database,
                replyTo -> new Database.Command.Query(sql, caller, true, deadlineNanos, replyTo),
                settings.queryTimeout()));
    }

    private static <T> T await(CompletionStage<T> stage) throws FatalException {
        try {
            return stage.toCompletableFuture().join();
        } catch (CompletionException e) {
            if (e.getCause() instanceof TimeoutException) {
                throw new FatalException("57014", "the database did not answer in time");
            }
            if (e.getCause() instanceof HostingRefusedException) {
                throw new FatalException("57P03", String.valueOf(e.getCause().getMessage()));
            }
            throw e;
        }
    }

    private static String code(Database.Refusal refusal) {
        return switch (refusal) {
            case Database.Overloaded _ -> "53000";
            case Database.NotAdmitted _ -> "42501";
            case Database.DeadlineExceeded _ -> "57014";
            default -> "57P03";
        };
    }

    private void rows(Database.Rows rows) throws IOException {
        Product type = (Product) TypeCodec.read(new BsatnReader(rows.rowType()));
        Body description = new Body().int16(type.elements().size());
        for (int i = 0; i < type.elements().size(); i++) {
            column(type.elements().get(i), i, description);
        }
        messages.write('T', description);
        BsatnReader in = new BsatnReader(rows.rows());
        long count = in.readCount();
        for (long row = 0; row < count; row++) {
            Body data = new Body().int16(type.elements().size());
            for (Element column : type.elements()) {
                data.value(PgTexts.of(column.type(), in));
            }
            messages.write('D', data);
        }
        messages.write('C', new Body().text("SELECT " + count));
    }

    /** Of no table and without a size or a modifier. */
    private static void column(Element column, int position, Body description) {
        String name = column.name();
        description
                .text(name == null ? "col_" + position : name)
                .int32(0)
                .int16(0)
                .int32(PgTypes.id(column.type()))
                .int16(-1)
                .int32(-1)
                .int16(TEXT_FORMAT);
    }

    private static String tag(Database.Changed changed) {
        StringBuilder tag = new StringBuilder();
        append("inserted", changed.inserted(), tag);
        append("deleted", changed.deleted(), tag);
        append("updated", changed.updated(), tag);
        return tag.append(String.format(Locale.ROOT, "server: %.2fms", changed.executionNanos() / 1e6))
                .toString();
    }

    private static void append(String what, long count, StringBuilder tag) {
        if (count > 0) {
            tag.append(what).append(": ").append(count).append(", ");
        }
    }

    private void error(String severity, String code, String reason) throws IOException {
        messages.write(
                'E',
                new Body()
                        .int8('S')
                        .text(severity)
                        .int8('V')
                        .text(severity)
                        .int8('C')
                        .text(code)
                        .int8('M')
                        .text(reason)
                        .int8(0));
    }
}
