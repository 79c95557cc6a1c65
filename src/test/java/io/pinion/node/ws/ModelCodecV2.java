package io.pinion.node.ws;

import io.pinion.node.ws.ModelMessage.Change;
import io.pinion.store.value.BsatnReader;
import io.pinion.store.value.BsatnWriter;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** v2 and v3 (websocket.md 4). */
final class ModelCodecV2 extends ModelCodec {
    @Override
    byte[] subscribe(int request, int set, List<String> queries) {
        BsatnWriter out = new BsatnWriter().writeByte(0).writeInt(request).writeInt(set);
        writeTexts(queries, out);
        return out.toBytes().toArray();
    }

    @Override
    byte[] unsubscribe(int request, int set, List<String> queries) {
        return new BsatnWriter()
                .writeByte(1)
                .writeInt(request)
                .writeInt(set)
                .writeByte(1)
                .toBytes()
                .toArray();
    }

    @Override
    byte[] ask(int request, String query) {
        return new BsatnWriter()
                .writeByte(2)
                .writeInt(request)
                .writeString(query)
                .toBytes()
                .toArray();
    }

    @Override
    byte[] change(int request, List<Integer> numbers) {
        return RawClient.callMessage(request, "change", arguments(numbers));
    }

    @Override
    List<ModelMessage> decode(byte[] payload) throws IOException {
        BsatnReader in = body(payload);
        List<ModelMessage> messages = new ArrayList<>();
        while (in.remaining() > 0) {
            messages.add(message(in));
        }
        return messages;
    }

    private static ModelMessage message(BsatnReader in) {
        int tag = in.readU8();
        return switch (tag) {
            case 0 -> {
                in.readIdentity();
                in.readConnectionId();
                in.readString();
                yield new ModelMessage.Greeting();
            }
            case 1 -> {
                int request = in.readInt();
                yield new ModelMessage.Applied(request, found(in.readInt(), 1, in));
            }
            case 2 -> {
                int request = in.readInt();
                int set = in.readInt();
                yield new ModelMessage.Dropped(request, in.readU8() == 0 ? found(set, -1, in) : List.of());
            }
            case 4 -> new ModelMessage.Update(changes(in));
            case 5 -> {
                int request = in.readInt();
                if (in.readU8() != 0) {
                    throw new AssertionError(in.readString());
                }
                yield new ModelMessage.Answer(request, found(0, 1, in));
            }
            case 6 -> {
                int request = in.readInt();
                in.readLong();
                if (in.readU8() != 0) {
                    throw new AssertionError("the call " + request + " failed");
                }
                in.readByteArray();
                yield new ModelMessage.Result(request, changes(in));
            }
            default -> throw new AssertionError("not expected: a message of kind " + tag);
        };
    }

    private static List<Change> found(int set, int count, BsatnReader in) {
        List<Change> found = new ArrayList<>();
        for (long tables = in.readCount(); tables > 0; tables--) {
            String table = in.readString();
            rowList(in).forEach(row -> found.add(Change.of(set, table, row, count)));
        }
        return found;
    }

    private static List<Change> changes(BsatnReader in) {
        List<Change> changes = new ArrayList<>();
        for (long sets = in.readCount(); sets > 0; sets--) {
            int set = in.readInt();
            for (long tables = in.readCount(); tables > 0; tables--) {
                String table = in.readString();
                for (long parts = in.readCount(); parts > 0; parts--) {
                    if (in.readU8() == 0) {
                        rowList(in).forEach(row -> changes.add(Change.of(set, table, row, 1)));
                        rowList(in).forEach(row -> changes.add(Change.of(set, table, row, -1)));
                    } else {
                        rowList(in).forEach(row -> changes.add(new Change(set, new Change.Row(table, row), 1, true)));
                    }
                }
            }
        }
        return changes;
    }
}
