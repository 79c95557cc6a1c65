package io.pinion.node.ws;

import io.pinion.node.ws.ModelMessage.Change;
import io.pinion.store.value.BsatnReader;
import io.pinion.store.value.BsatnWriter;
import io.pinion.store.value.ConnectionId;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** v1 in BSATN (websocket.md 5.1, 5.2). */
final class ModelCodecV1 extends ModelCodec {
    private @Nullable ConnectionId own;

    /** Both forms of a subscription are used. */
    static boolean isSingle(int set, List<String> queries) {
        return queries.size() == 1 && set % 2 == 0;
    }

    @Override
    byte[] subscribe(int request, int set, List<String> queries) {
        BsatnWriter out = new BsatnWriter();
        if (isSingle(set, queries)) {
            out.writeByte(3).writeString(queries.getFirst());
        } else {
            out.writeByte(4);
            writeTexts(queries, out);
        }
        return out.writeInt(request).writeInt(set).toBytes().toArray();
    }

    @Override
    byte[] unsubscribe(int request, int set, List<String> queries) {
        return new BsatnWriter()
                .writeByte(isSingle(set, queries) ? 5 : 6)
                .writeInt(request)
                .writeInt(set)
                .toBytes()
                .toArray();
    }

    @Override
    byte[] ask(int request, String query) {
        return new BsatnWriter()
                .writeByte(2)
                .writeByteArray(id(request))
                .writeString(query)
                .toBytes()
                .toArray();
    }

    @Override
    byte[] change(int request, List<Integer> numbers) {
        return new BsatnWriter()
                .writeByte(0)
                .writeString("change")
                .writeByteArray(arguments(numbers).toBytes())
                .writeInt(request)
                .writeByte(0)
                .toBytes()
                .toArray();
    }

    @Override
    List<ModelMessage> decode(byte[] payload) throws IOException {
        BsatnReader in = body(payload);
        ModelMessage message = message(in);
        if (in.remaining() > 0) {
            throw new AssertionError(in.remaining() + " bytes are left over");
        }
        return List.of(message);
    }

    private ModelMessage message(BsatnReader in) {
        int tag = in.readU8();
        return switch (tag) {
            case 1 -> transaction(in);
            case 2 -> {
                in.readInt();
                yield new ModelMessage.Update(database(in));
            }
            case 3 -> {
                in.readIdentity();
                in.readString();
                own = in.readConnectionId();
                yield new ModelMessage.Greeting();
            }
            case 4 -> answer(in);
            case 5, 6, 8, 9 -> {
                int request = in.readInt();
                in.readLong();
                in.readInt();
                List<Change> changes = tag < 7 ? single(in) : database(in);
                yield tag == 5 || tag == 8
                        ? new ModelMessage.Applied(request, changes)
                        : new ModelMessage.Dropped(request, changes);
            }
            default -> throw new AssertionError("not expected: a message of kind " + tag);
        };
    }

    private static List<Change> single(BsatnReader in) {
        in.readInt();
        in.readString();
        return table(in);
    }

    private ModelMessage transaction(BsatnReader in) {
        if (in.readU8() != 0) {
            throw new AssertionError("a call failed: " + in.readString());
        }
        List<Change> changes = database(in);
        in.readLong();
        in.readIdentity();
        boolean isOwn = in.readConnectionId().equals(Objects.requireNonNull(own));
        in.readString();
        in.readInt();
        in.readByteArray();
        int request = in.readInt();
        in.skip(Long.BYTES * 3);
        return isOwn ? new ModelMessage.Result(request, changes) : new ModelMessage.Update(changes);
    }

    private static ModelMessage answer(BsatnReader in) {
        int request = new BsatnReader(in.readByteArray()).readInt();
        if (in.readU8() == 0) {
            throw new AssertionError(in.readString());
        }
        List<Change> found = new ArrayList<>();
        for (long tables = in.readCount(); tables > 0; tables--) {
            String table = in.readString();
            rowList(in).forEach(row -> found.add(Change.of(0, table, row, 1)));
        }
        in.readLong();
        return new ModelMessage.Answer(request, found);
    }

    private static List<Change> database(BsatnReader in) {
        List<Change> changes = new ArrayList<>();
        for (long tables = in.readCount(); tables > 0; tables--) {
            changes.addAll(table(in));
        }
        return changes;
    }

    private static List<Change> table(BsatnReader in) {
        List<Change> changes = new ArrayList<>();
        in.readInt();
        String name = in.readString();
        long count = in.readLong();
        for (long updates = in.readCount(); updates > 0; updates--) {
            if (in.readU8() != 0) {
                throw new AssertionError("rows are compressed");
            }
            rowList(in).forEach(row -> changes.add(Change.of(0, name, row, -1)));
            rowList(in).forEach(row -> changes.add(Change.of(0, name, row, 1)));
        }
        if (count != changes.size()) {
            throw new AssertionError(count + " rows were announced, and " + changes.size() + " came");
        }
        return changes;
    }
}
