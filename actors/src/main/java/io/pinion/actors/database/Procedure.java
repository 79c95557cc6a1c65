package io.pinion.actors.database;

import io.pinion.actors.database.ArgumentCheck.BadArgumentsException;
import io.pinion.actors.database.Database.Arguments;
import io.pinion.store.schema.ModuleDef.ProcedureDef;
import io.pinion.store.schema.ModuleDef.Visibility;
import io.pinion.store.value.BsatnException;
import io.pinion.store.value.BsatnLayout;
import io.pinion.store.value.Bytes;
import io.pinion.store.value.TypeCodec;

/** A procedure made ready for calls: what it takes and what it returns is checked. Immutable. */
final class Procedure {
    private final ProcedureDef def;
    private final ArgumentCheck arguments;
    private final BsatnLayout result;
    private final Bytes returnType;

    Procedure(ProcedureDef def) {
        this.def = def;
        this.arguments = new ArgumentCheck("procedure", def.name(), def.parameters());
        this.result = BsatnLayout.of(def.parameters().typespace(), def.returnType());
        this.returnType = TypeCodec.toBsatn(def.parameters().typespace().inline(def.returnType()));
    }

    int id() {
        return def.id();
    }

    String name() {
        return def.name();
    }

    boolean isPrivate() {
        return def.visibility() == Visibility.PRIVATE;
    }

    /** BSATN of the type of its results, without references. */
    Bytes returnType() {
        return returnType;
    }

    /** As {@link ArgumentCheck#check}. */
    Bytes check(Arguments given) throws BadArgumentsException {
        return arguments.check(given);
    }

    /** Whether these bytes are one value of the type that it returns. */
    boolean isResult(Bytes bytes) {
        try {
            return result.check(bytes.unsafeArray(), 0, bytes.length()) == bytes.length();
        } catch (BsatnException e) {
            return false;
        }
    }
}
