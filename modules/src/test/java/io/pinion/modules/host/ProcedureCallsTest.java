package io.pinion.modules.host;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pinion.modules.HttpHeader;
import io.pinion.modules.HttpRequest;
import io.pinion.modules.HttpResponse;
import io.pinion.modules.HttpVersion;
import io.pinion.modules.ModuleLog.Level;
import io.pinion.modules.ProcedureHost.HttpOutcome;
import io.pinion.modules.RecordingHost;
import io.pinion.modules.TestProcedureHost;
import io.pinion.store.schema.InvalidModuleDefException;
import io.pinion.store.schema.ModuleDef;
import io.pinion.store.tx.Datastore;
import io.pinion.store.tx.StoreCode;
import io.pinion.store.value.Bytes;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The half of the host calls that only procedures may use, and how requests and responses are encoded. */
class ProcedureCallsTest {
    private static final Bytes GET_A = Bytes.ofHex("00000000000109000000687474703a2f2f612f02");
    private static final HttpRequest EVERYTHING = new HttpRequest(
            "PURGE",
            "https://example.com/ä",
            HttpVersion.HTTP_3,
            List.of(new HttpHeader("a", Bytes.ofHex("00ff")), new HttpHeader("a", Bytes.EMPTY)),
            Duration.ofMillis(1_500),
            Bytes.ofUtf8("body"));

    private final RecordingHost host = new RecordingHost();
    private final HostCalls calls = new HostCalls(host, () -> false);
    private final ProcedureCalls procedures = calls.procedures();
    private TestProcedureHost procedureHost;

    @BeforeEach
    void beginAProcedure() throws InvalidModuleDefException {
        Bytes empty = Bytes.ofHex("0200000000");
        procedureHost = new TestProcedureHost(Datastore.create(ModuleDef.of(empty)), 1_000);
        procedures.begin("waiting", procedureHost);
    }

    private int request(Bytes request, String body) {
        byte[] bytes = request.toArray();
        byte[] bodyBytes = Bytes.ofUtf8(body).toArray();
        return procedures.request(bytes, 0, bytes.length, bodyBytes, 0, bodyBytes.length);
    }

    @Test
    void aRequestIsEncodedAsSpecified() {
        HttpRequest get = new HttpRequest("GET", "http://a/", HttpVersion.HTTP_1_1, List.of(), null, Bytes.EMPTY);

        assertEquals(GET_A, HttpCodec.toBsatn(get));
        assertEquals(get, HttpCodec.readRequest(GET_A.toArray(), 0, GET_A.length(), Bytes.EMPTY));
    }

    @Test
    void everyPartOfARequestComesBack() {
        Bytes encoded = HttpCodec.toBsatn(EVERYTHING);

        assertEquals(EVERYTHING, HttpCodec.readRequest(encoded.toArray(), 0, encoded.length(), EVERYTHING.body()));
    }

    @Test
    void aTimeOutBelowZeroIsNone() {
        Bytes encoded = Bytes.ofHex("000000000000ffffffffffffffff0100000061" + "02");

        assertEquals(
                Duration.ZERO,
                HttpCodec.readRequest(encoded.toArray(), 0, encoded.length(), Bytes.EMPTY)
                        .timeout());
    }

    @Test
    void everyPartOfAResponseComesBack() {
        HttpResponse response =
                new HttpResponse(HttpVersion.HTTP_0_9, 65_535, EVERYTHING.headers(), Bytes.ofUtf8("answer"));

        assertEquals(response, HttpCodec.readResponse(HttpCodec.toBsatn(response), response.body()));
    }

    @Test
    void aRequestCutAnywhereIsRefusedBeforeAnythingElseIsAsked() {
        procedureHost.httpRefusal = "it is switched off";
        Bytes encoded = HttpCodec.toBsatn(EVERYTHING);

        for (int length = 0; length < encoded.length(); length++) {
            assertEquals(
                    StoreCode.BSATN_DECODE_ERROR,
                    request(Bytes.copyOf(encoded.toArray(), 0, length), ""),
                    "length " + length);
        }
        assertEquals(Errno.HTTP_ERROR, request(encoded, ""));
        assertEquals("it is switched off", procedures.httpFailure());
    }

    @Test
    void switchedOffIsToldBeforeTheOpenTransaction() {
        procedures.start();
        assertEquals(Errno.WOULD_BLOCK_TRANSACTION, request(GET_A, ""));

        procedureHost.httpRefusal = "it is switched off";

        assertEquals(Errno.HTTP_ERROR, request(GET_A, ""));
    }

    @Test
    void aMethodThatIsNoneIsNotSent() {
        HttpRequest odd = new HttpRequest("GET IT", "http://a/", HttpVersion.HTTP_1_1, List.of(), null, Bytes.EMPTY);

        assertEquals(Errno.HTTP_ERROR, request(HttpCodec.toBsatn(odd), ""));
        assertFalse(procedureHost.events.contains("request"));
    }

    @Test
    void theHostIsGivenTheRequestAsItWas() {
        List<HttpRequest> requests = new ArrayList<>();
        procedureHost.network = request -> {
            requests.add(request);
            return new HttpOutcome.NotReceived("nobody answers");
        };

        assertEquals(Errno.HTTP_ERROR, request(HttpCodec.toBsatn(EVERYTHING), "body"));

        assertEquals(List.of(EVERYTHING), requests);
        assertEquals("nobody answers", procedures.httpFailure());
    }

    @Test
    void transactionsFollowEachOther() {
        assertEquals(1_001, procedures.start());
        assertEquals(-Errno.WOULD_BLOCK_TRANSACTION, procedures.start());
        assertEquals(Errno.OK, procedures.commit());
        assertEquals(Errno.TRANSACTION_NOT_ANONYMOUS, procedures.commit());
        assertEquals(1_002, procedures.start());
        assertEquals(Errno.OK, procedures.abort());
        assertEquals(Errno.TRANSACTION_NOT_ANONYMOUS, procedures.abort());
        assertEquals(StoreCode.NOT_IN_TRANSACTION, calls.checkTransaction());
        assertEquals(List.of("begin", "commit", "begin", "rollback"), procedureHost.events);
    }

    @Test
    void whatIsLeftOpenIsUndoneAndLoggedUnlessItWasStopped() {
        procedures.start();
        procedures.end(true);
        assertEquals(List.of(), host.lines);

        procedures.begin("waiting", procedureHost);
        procedures.start();
        procedures.end(false);

        assertEquals(Level.ERROR, host.lines.getFirst().level());
        assertEquals("waiting", host.lines.getFirst().function());
        assertFalse(procedureHost.isOpen());
        assertFalse(procedures.isRunning());
    }

    @Test
    void aViewInACommitSeesItsTransactionAndMayNotCommit() {
        List<Integer> codes = new ArrayList<>();
        procedureHost.beforeCommit = () -> {
            assertTrue(procedures.isCommitting());
            procedures.beginView(procedureHost.transaction());
            codes.add(calls.checkTransaction());
            codes.add(procedures.commit());
            codes.add((int) -procedures.start());
            codes.add(request(GET_A, ""));
            procedures.endView();
            return null;
        };
        procedures.start();

        assertEquals(Errno.OK, procedures.commit());

        assertEquals(
                List.of(
                        Errno.OK,
                        Errno.TRANSACTION_NOT_ANONYMOUS,
                        Errno.WOULD_BLOCK_TRANSACTION,
                        Errno.WOULD_BLOCK_TRANSACTION),
                codes);
        assertFalse(procedures.isCommitting());
    }
}
