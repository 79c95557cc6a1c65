package io.pinion.node.ws;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pinion.actors.database.Database.Arguments;
import io.pinion.actors.subscription.ChangedRows;
import io.pinion.actors.subscription.SetChanges;
import io.pinion.actors.subscription.SetKind;
import io.pinion.node.ws.ServerMessage.Call;
import io.pinion.node.ws.ServerMessage.Outcome;
import io.pinion.store.tx.RowList;
import io.pinion.store.value.AlgebraicType.Product;
import io.pinion.store.value.Bytes;
import io.pinion.store.value.ConnectionId;
import io.pinion.store.value.Identity;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Messages wait for those before them, and lose what nobody is to hear. */
class MessageOrderTest {
    private static final Call CALL =
            new Call(Identity.ZERO, ConnectionId.NONE, "", -1, new Arguments.Bsatn(Bytes.EMPTY), 0, 0, 0);
    private static final ServerMessage FIRST = applied(1);
    private static final ServerMessage SECOND = applied(2);
    private static final ServerMessage ERROR = new ServerMessage.SubscriptionError(1, 1, "too large", 0);

    private final List<ServerMessage> sent = new ArrayList<>();
    private final MessageOrder order = new MessageOrder(sent::add, 5, 1_000);

    private static ServerMessage applied(int set) {
        return new ServerMessage.SubscribeApplied(set, set, SetKind.SET, List.of(), 0);
    }

    private static List<SetChanges> changes(int rowBytes, int... sets) {
        RowList rows = new RowList();
        rows.row(new byte[rowBytes], 0, rowBytes);
        return IntStream.of(sets)
                .mapToObj(id -> new SetChanges(
                        id, List.of(new ChangedRows(1, "t", new Product(List.of()), false, rows, new RowList()))))
                .toList();
    }

    private static ServerMessage update(int rowBytes, int... sets) {
        return new ServerMessage.TransactionUpdate(CALL, true, changes(rowBytes, sets));
    }

    @Test
    void nothingWaitsAsLongAsNothingIsAwaited() {
        ServerMessage update = update(4, 1);

        order.say(FIRST);
        order.say(update);

        assertEquals(List.of(FIRST, update), sent);
    }

    @Test
    void whatComesAfterAPlaceWaitsForItsMessageWhicheverOfSeveralComesFirst() {
        ServerMessage early = update(4, 0);
        ServerMessage between = update(4, 1);
        ServerMessage last = update(4, 2);
        order.say(early);
        order.await(1);
        order.say(between);
        order.await(2);
        order.say(last);

        order.arrived(2, SECOND);
        assertEquals(List.of(early), sent);
        order.arrived(1, FIRST);

        assertEquals(List.of(early, FIRST, between, SECOND, last), sent);
        order.say(update(4, 1));
        assertEquals(6, sent.size());
    }

    @Test
    void rowsOfASetThatIsLostGoFromWhatIsBehindItsPlaceAlone() {
        ServerMessage before = update(4, 1, 2);
        order.await(1);
        order.say(before);
        order.await(2);
        order.say(update(4, 1));
        order.say(update(4, 1, 2));
        order.say(new ServerMessage.ReducerResult(CALL, new Outcome.Committed(changes(4, 1))));

        order.forget(2, 1);
        order.arrived(2, ERROR);
        order.arrived(1, FIRST);

        assertEquals(List.of(FIRST, before, ERROR), sent.subList(0, 3));
        ServerMessage.TransactionUpdate left = (ServerMessage.TransactionUpdate) sent.get(3);
        assertEquals(List.of(2), left.sets().stream().map(SetChanges::setId).toList());
        assertEquals(new ServerMessage.ReducerResult(CALL, new Outcome.Committed(List.of())), sent.get(4));
        assertEquals(5, sent.size());
    }

    @Test
    void allRowsGoWhenAllSetsAreLost() {
        order.await(1);
        order.say(update(4, 1, 2));

        order.forget(1, null);
        order.arrived(1, ERROR);

        assertEquals(List.of(ERROR), sent);
    }

    @Test
    void itIsOverfullByMessagesOrByBytes() {
        order.await(1);
        for (int message = 0; message < 4; message++) {
            order.say(SECOND);
        }
        assertFalse(order.isOverfull());
        order.say(SECOND);
        assertTrue(order.isOverfull());
        order.arrived(1, FIRST);
        assertFalse(order.isOverfull());

        order.await(2);
        order.say(update(2_000, 1));
        assertTrue(order.isOverfull());
    }

    @Test
    void whatWillNotComeIsNotWaitedForAnyLonger() {
        order.await(1);
        order.say(FIRST);
        order.await(2);
        order.say(SECOND);

        order.abandon(1);
        assertEquals(List.of(FIRST), sent);
        order.abandon(2);

        assertEquals(List.of(FIRST, SECOND), sent);
    }
}
