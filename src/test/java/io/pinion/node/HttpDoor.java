package io.pinion.node;

import io.pinion.testing.LedgerClient;
import io.pinion.testing.LedgerClient.Transfer;
import java.io.IOException;
import java.net.ConnectException;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/** Over HTTP, which does not tell offsets. */
record HttpDoor(LedgerClient client) implements LedgerDoor {
    private interface Sending {
        HttpResponse<String> send() throws IOException;
    }

    @Override
    public Told write(long register, long value) {
        return told(() -> client.write(register, value));
    }

    @Override
    public Told swap(long register, long expected, long value) {
        return told(() -> client.swap(register, expected, value));
    }

    @Override
    public Told transfer(Transfer transfer) {
        return told(() -> client.transfer(transfer, ""));
    }

    private static Told told(Sending sending) {
        try {
            HttpResponse<String> answer = sending.send();
            return switch (answer.statusCode()) {
                case 200 -> new Done(OptionalLong.empty());
                case 530 -> new Refused(answer.body());
                case 503 -> new NotBegun(answer.body());
                // 500: whether it was done is not known; 504: not answered in time, begun or not.
                case 500, 504 -> new Unheard();
                default -> new Wrong(answer.statusCode() + " " + answer.body());
            };
        } catch (ConnectException e) {
            return new NotBegun(String.valueOf(e.getMessage()));
        } catch (IOException _) {
            return new Unheard();
        }
    }

    @Override
    public Optional<Seen> rows(String sql, int columns) {
        try {
            List<List<Long>> rows = client.rows(sql);
            return Optional.of(new Seen(rows, OptionalLong.empty()));
        } catch (IOException _) {
            return Optional.empty();
        }
    }
}
