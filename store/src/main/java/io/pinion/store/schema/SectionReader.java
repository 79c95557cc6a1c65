package io.pinion.store.schema;

import io.pinion.store.schema.ModuleDef.Visibility;
import io.pinion.store.schema.RawModuleDef.CasePolicy;
import io.pinion.store.schema.RawModuleDef.NamedKind;
import io.pinion.store.schema.RawModuleDef.RawExplicitName;
import io.pinion.store.schema.RawModuleDef.RawLifecycle;
import io.pinion.store.schema.RawModuleDef.RawProcedure;
import io.pinion.store.schema.RawModuleDef.RawReducer;
import io.pinion.store.schema.RawModuleDef.RawRoute;
import io.pinion.store.schema.RawModuleDef.RawSchedule;
import io.pinion.store.schema.RawModuleDef.RawSubmodule;
import io.pinion.store.schema.RawModuleDef.RawTable;
import io.pinion.store.schema.RawModuleDef.RawType;
import io.pinion.store.schema.RawModuleDef.RawView;
import io.pinion.store.schema.RawModuleDef.RawViewPrimaryKey;
import io.pinion.store.value.AlgebraicType;
import io.pinion.store.value.BsatnException;
import io.pinion.store.value.BsatnReader;
import io.pinion.store.value.TypeCodec;
import io.pinion.store.value.Typespace;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Decodes the sections of a V10 description, of one module; of each kind the first occurrence counts. Used once. */
final class SectionReader {
    /** How deep submodules may be nested. */
    static final int SUBMODULE_DEPTH_MAX = 32;

    private static final int SECTION_KINDS = 15;
    private static final List<CasePolicy> CASE_POLICIES = List.of(CasePolicy.NONE, CasePolicy.SNAKE_CASE);
    private static final List<Visibility> VISIBILITIES = List.of(Visibility.PRIVATE, Visibility.CLIENT_CALLABLE);
    private static final List<NamedKind> NAMED_KINDS = List.of(NamedKind.TABLE, NamedKind.FUNCTION, NamedKind.INDEX);

    private final RawModuleDefReader records;
    private final BsatnReader in;
    private final int depth;

    private @Nullable Typespace typespace;
    private @Nullable List<RawType> types;
    private @Nullable List<RawTable> tables;
    private @Nullable List<RawReducer> reducers;
    private @Nullable List<RawProcedure> procedures;
    private @Nullable List<RawView> views;
    private @Nullable List<RawSchedule> schedules;
    private @Nullable List<RawLifecycle> lifecycles;
    private @Nullable List<String> rowLevelSecurity;
    private @Nullable CasePolicy casePolicy;
    private @Nullable List<RawExplicitName> explicitNames;
    private @Nullable List<String> httpHandlers;
    private @Nullable List<RawRoute> httpRoutes;
    private @Nullable List<RawViewPrimaryKey> viewPrimaryKeys;
    private @Nullable List<RawSubmodule> submodules;

    SectionReader(RawModuleDefReader records, BsatnReader in) {
        this(records, in, 0);
    }

    private SectionReader(RawModuleDefReader records, BsatnReader in, int depth) {
        this.records = records;
        this.in = in;
        this.depth = depth;
    }

    RawModuleDef.V10 read() {
        long count = in.readCount();
        for (long i = 0; i < count; i++) {
            readSection(in.readTag(SECTION_KINDS, "a V10 section"));
        }
        return new RawModuleDef.V10(
                typespace == null ? Typespace.EMPTY : typespace,
                orEmpty(types),
                orEmpty(tables),
                orEmpty(reducers),
                orEmpty(procedures),
                orEmpty(views),
                orEmpty(viewPrimaryKeys),
                orEmpty(schedules),
                orEmpty(lifecycles),
                orEmpty(httpHandlers),
                orEmpty(httpRoutes),
                orEmpty(rowLevelSecurity),
                orEmpty(explicitNames),
                casePolicy == null ? CasePolicy.SNAKE_CASE : casePolicy,
                orEmpty(submodules));
    }

    private void readSection(int tag) {
        switch (tag) {
            case 0 -> typespace = first(typespace, records.readTypespace());
            case 1 -> types = first(types, records.list(records::readTypeDef));
            case 2 -> tables = first(tables, records.list(this::readTable));
            case 3 -> reducers = first(reducers, records.list(this::readReducer));
            case 4 -> procedures = first(procedures, records.list(this::readProcedure));
            case 5 -> views = first(views, records.list(records::readView));
            case 6 -> schedules = first(schedules, records.list(this::readSchedule));
            case 7 -> lifecycles = first(lifecycles, records.list(this::readLifecycle));
            case 8 -> rowLevelSecurity = first(rowLevelSecurity, records.list(in::readString));
            case 9 -> casePolicy = first(casePolicy, records.choice(CASE_POLICIES, "a case conversion policy"));
            case 10 -> explicitNames = first(explicitNames, records.list(this::readExplicitName));
            case 11 -> httpHandlers = first(httpHandlers, records.list(in::readString));
            case 12 -> httpRoutes = first(httpRoutes, records.list(this::readRoute));
            case 13 -> viewPrimaryKeys = first(viewPrimaryKeys, records.list(this::readViewPrimaryKey));
            default -> submodules = first(submodules, records.list(this::readSubmodule));
        }
    }

    private RawTable readTable() {
        return new RawTable(
                in.readString(),
                in.readInt(),
                records.columns(),
                records.list(records::readIndex),
                records.list(records::readConstraint),
                records.list(records::readSequence),
                records.readIsSystem(),
                records.readIsPublic(),
                records.list(records::readDefault),
                in.readBool());
    }

    private RawReducer readReducer() {
        return new RawReducer(
                in.readString(), TypeCodec.readProduct(in), readVisibility(), TypeCodec.read(in), TypeCodec.read(in));
    }

    private RawProcedure readProcedure() {
        String name = in.readString();
        AlgebraicType.Product parameters = TypeCodec.readProduct(in);
        AlgebraicType returnType = TypeCodec.read(in);
        return new RawProcedure(name, parameters, returnType, readVisibility());
    }

    private Visibility readVisibility() {
        return records.choice(VISIBILITIES, "a visibility");
    }

    private RawSchedule readSchedule() {
        return new RawSchedule(records.option(in::readString), in.readString(), in.readU16(), in.readString());
    }

    private RawLifecycle readLifecycle() {
        return new RawLifecycle(records.readLifecycle(), in.readString());
    }

    private RawExplicitName readExplicitName() {
        NamedKind kind = records.choice(NAMED_KINDS, "an explicit name");
        return new RawExplicitName(kind, in.readString(), in.readString());
    }

    private RawRoute readRoute() {
        String handler = in.readString();
        @Nullable String method = in.readTag(2, "a route's method") == 0 ? null : readMethod();
        return new RawRoute(handler, method, in.readString());
    }

    private String readMethod() {
        int tag = in.readTag(HttpMethods.EXTENSION_TAG + 1, "an HTTP method");
        return tag == HttpMethods.EXTENSION_TAG ? in.readString() : HttpMethods.KNOWN.get(tag);
    }

    private RawViewPrimaryKey readViewPrimaryKey() {
        return new RawViewPrimaryKey(in.readString(), records.list(in::readString));
    }

    private RawSubmodule readSubmodule() {
        if (depth == SUBMODULE_DEPTH_MAX) {
            throw new BsatnException(
                    BsatnException.Category.TOO_DEEP,
                    "the submodule at " + in.position() + " nests deeper than " + SUBMODULE_DEPTH_MAX + " levels");
        }
        String namespace = in.readString();
        return new RawSubmodule(namespace, new SectionReader(records, in, depth + 1).read());
    }

    private static <T> T first(@Nullable T earlier, T later) {
        return earlier == null ? later : earlier;
    }

    private static <T> List<T> orEmpty(@Nullable List<T> list) {
        return list == null ? List.of() : list;
    }
}
