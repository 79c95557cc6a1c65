package io.pinion.node.ws;

import io.pinion.store.value.BsatnReader;
import io.pinion.store.value.BsatnWriter;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** A WebSocket client that keeps what it receives, and reads messages of v2 as far as tests want. */
final class RawClient implements AutoCloseable {
    static final String V2 = "v2.bsatn.spacetimedb";
    static final String V3 = "v3.bsatn.spacetimedb";
    static final String V1_JSON = "v1.json.spacetimedb";

    private static final long DEADLINE_SECONDS = 60;
    private static final int PERSISTENT = 0;

    private final BlockingQueue<byte[]> received = new LinkedBlockingQueue<>();
    private final CompletableFuture<Close> closed = new CompletableFuture<>();
    private final WebSocket socket;

    /** How a connection ended; 1006 for one that was dropped. */
    record Close(int code, String reason) {}

    private RawClient(HttpClient client, URI uri, String token, List<String> subprotocols) {
        WebSocket.Builder builder = client.newWebSocketBuilder()
                .subprotocols(
                        subprotocols.getFirst(),
                        subprotocols.subList(1, subprotocols.size()).toArray(String[]::new));
        if (!token.isEmpty()) {
            builder.header("Authorization", "Bearer " + token);
        }
        socket = builder.buildAsync(uri, new Listener()).join();
    }

    /** @param path with the query, after the address of the node */
    static RawClient connect(URI node, String path, String token, String... subprotocols) {
        URI uri = URI.create("ws://" + node.getAuthority() + path);
        return new RawClient(HttpClient.newHttpClient(), uri, token, Arrays.asList(subprotocols));
    }

    private final class Listener implements WebSocket.Listener {
        private final ByteArrayOutputStream message = new ByteArrayOutputStream();

        @Override
        public CompletionStage<?> onBinary(WebSocket webSocket, ByteBuffer data, boolean last) {
            byte[] part = new byte[data.remaining()];
            data.get(part);
            return part(webSocket, part, last);
        }

        @Override
        public CompletionStage<?> onText(WebSocket webSocket, CharSequence data, boolean last) {
            return part(webSocket, data.toString().getBytes(StandardCharsets.UTF_8), last);
        }

        private CompletionStage<?> part(WebSocket webSocket, byte[] part, boolean last) {
            message.writeBytes(part);
            if (last) {
                received.add(message.toByteArray());
                message.reset();
            }
            webSocket.request(1);
            return CompletableFuture.completedFuture(webSocket);
        }

        @Override
        public CompletionStage<?> onClose(WebSocket webSocket, int code, String reason) {
            closed.complete(new Close(code, reason));
            return CompletableFuture.completedFuture(webSocket);
        }

        @Override
        public void onError(WebSocket webSocket, Throwable error) {
            closed.complete(new Close(1006, String.valueOf(error)));
        }
    }

    String subprotocol() {
        return socket.getSubprotocol();
    }

    void send(byte[] message) {
        socket.sendBinary(ByteBuffer.wrap(message), true).join();
    }

    void sendText(String message) {
        socket.sendText(message, true).join();
    }

    void subscribe(int requestId, int setId, String... queries) {
        BsatnWriter out = new BsatnWriter()
                .writeByte(0)
                .writeInt(requestId)
                .writeInt(setId)
                .writeInt(queries.length);
        for (String query : queries) {
            out.writeString(query);
        }
        send(out.toBytes().toArray());
    }

    void unsubscribe(int requestId, int setId) {
        send(new BsatnWriter()
                .writeByte(1)
                .writeInt(requestId)
                .writeInt(setId)
                .writeByte(1)
                .toBytes()
                .toArray());
    }

    void ask(int requestId, String query) {
        send(new BsatnWriter()
                .writeByte(2)
                .writeInt(requestId)
                .writeString(query)
                .toBytes()
                .toArray());
    }

    static byte[] callMessage(int requestId, String reducer, BsatnWriter arguments) {
        return new BsatnWriter()
                .writeByte(3)
                .writeInt(requestId)
                .writeByte(0)
                .writeString(reducer)
                .writeByteArray(arguments.toBytes())
                .toBytes()
                .toArray();
    }

    void callProcedure(int requestId, String procedure, BsatnWriter arguments) {
        byte[] message = callMessage(requestId, procedure, arguments);
        message[0] = 4;
        send(message);
    }

    void call(int requestId, String reducer, BsatnWriter arguments) {
        send(callMessage(requestId, reducer, arguments));
    }

    /** The next payload as it came. */
    byte[] next() throws IOException, InterruptedException {
        byte[] next = received.poll(DEADLINE_SECONDS, TimeUnit.SECONDS);
        if (next == null) {
            throw new IOException(
                    "nothing came in " + DEADLINE_SECONDS + " s; closed: " + (closed.isDone() ? closed.join() : "no"));
        }
        return next;
    }

    /** The next payload as a message of v2. */
    Message message() throws IOException, InterruptedException {
        byte[] payload = next();
        if (payload[0] != 0) {
            throw new IOException("compressed by " + payload[0]);
        }
        return new Message(new BsatnReader(payload, 1, payload.length - 1));
    }

    boolean hasMore() {
        return !received.isEmpty();
    }

    Close awaitClose() throws Exception {
        return closed.get(DEADLINE_SECONDS, TimeUnit.SECONDS);
    }

    @Override
    public void close() {
        socket.abort();
    }

    /** One row of one set that came or went. */
    record Row(int setId, String table, boolean isInsert, String hex) {}

    /** A message of v2. */
    static final class Message {
        final int tag;
        private final BsatnReader in;

        Message(BsatnReader in) {
            this.in = in;
            this.tag = in.readU8();
        }

        BsatnReader in() {
            return in;
        }

        /** Rows by table, of what follows: the answer to a subscription. */
        Map<String, List<byte[]>> rows() {
            Map<String, List<byte[]>> tables = new TreeMap<>();
            long count = in.readCount();
            for (long i = 0; i < count; i++) {
                String table = in.readString();
                tables.computeIfAbsent(table, _ -> new ArrayList<>()).addAll(list());
            }
            return tables;
        }

        /** Of one table. */
        List<byte[]> rows(String table) {
            return rows().getOrDefault(table, List.of());
        }

        /** Rows of what follows: a transaction update. */
        List<Row> changes() {
            List<Row> rows = new ArrayList<>();
            long sets = in.readCount();
            for (long set = 0; set < sets; set++) {
                int setId = in.readInt();
                long tables = in.readCount();
                for (long table = 0; table < tables; table++) {
                    String name = in.readString();
                    long parts = in.readCount();
                    for (long part = 0; part < parts; part++) {
                        boolean isPersistent = in.readU8() == PERSISTENT;
                        list().forEach(row -> rows.add(new Row(setId, name, true, hex(row))));
                        if (isPersistent) {
                            list().forEach(row -> rows.add(new Row(setId, name, false, hex(row))));
                        }
                    }
                }
            }
            return rows;
        }

        private static String hex(byte[] row) {
            return HexFormat.of().formatHex(row);
        }

        private List<byte[]> list() {
            List<byte[]> rows = new ArrayList<>();
            if (in.readU8() == 0) {
                int size = in.readU16();
                byte[] data = in.readByteArray().toArray();
                for (int at = 0; at < data.length; at += size) {
                    rows.add(Arrays.copyOfRange(data, at, at + size));
                }
                return rows;
            }
            long[] starts = new long[(int) in.readCount()];
            Arrays.setAll(starts, _ -> in.readLong());
            byte[] data = in.readByteArray().toArray();
            for (int row = 0; row < starts.length; row++) {
                long end = row + 1 < starts.length ? starts[row + 1] : data.length;
                rows.add(Arrays.copyOfRange(data, (int) starts[row], (int) end));
            }
            return rows;
        }
    }
}
