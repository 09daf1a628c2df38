package io.sietch.crash.order;

import java.io.IOException;
import java.io.InputStream;
import java.lang.classfile.AccessFlags;
import java.lang.classfile.ClassFile;
import java.lang.classfile.CodeBuilder;
import java.lang.classfile.CodeElement;
import java.lang.classfile.CodeTransform;
import java.lang.classfile.MethodModel;
import java.lang.classfile.MethodTransform;
import java.lang.classfile.Opcode;
import java.lang.classfile.instruction.FieldInstruction;
import java.lang.classfile.instruction.InvokeInstruction;
import java.lang.classfile.instruction.ReturnInstruction;
import java.lang.constant.ClassDesc;
import java.lang.constant.ConstantDescs;
import java.lang.constant.MethodTypeDesc;
import java.lang.reflect.AccessFlag;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Loads classes in which every access to what threads may share is a step of the {@link Steps}: volatile fields,
 * VarHandles, what is in {@code java.util.concurrent}, memory outside the heap. What waits or tells the time is done by
 * the {@link Steps} themselves.
 */
final class SteppedLoader extends ClassLoader {
    private static final ClassDesc STEPS = ClassDesc.of(Steps.class.getName());
    private static final ClassDesc FUTURE = ClassDesc.of("java.util.concurrent.CompletableFuture");

    /** Methods of futures and their kin that wait; subclasses may be in between. */
    private static final Set<String> WAITING =
            Set.of("join()Ljava/lang/Object;", "get(JLjava/util/concurrent/TimeUnit;)Ljava/lang/Object;");

    private static final MethodTypeDesc NOTHING = MethodTypeDesc.of(ConstantDescs.CD_void);
    private static final MethodTypeDesc MONITOR = MethodTypeDesc.of(ConstantDescs.CD_void, ConstantDescs.CD_Object);

    /** Calls that the steps do in the place of others: "owner.name", and what the first argument is, if an object. */
    private static final Map<String, String> REPLACED = Map.ofEntries(
            Map.entry("java/util/concurrent/locks/LockSupport.park", ""),
            Map.entry("java/util/concurrent/locks/LockSupport.parkNanos", ""),
            Map.entry("java/util/concurrent/locks/LockSupport.unpark", ""),
            Map.entry("java/lang/Thread.yield", ""),
            Map.entry("java/lang/Thread.onSpinWait", ""),
            Map.entry("java/lang/System.nanoTime", ""),
            Map.entry("java/util/concurrent/locks/ReentrantLock.lock", "java.util.concurrent.locks.ReentrantLock"),
            Map.entry(
                    "java/util/concurrent/locks/ReentrantLock.newCondition",
                    "java.util.concurrent.locks.ReentrantLock"),
            Map.entry("java/lang/Thread$Builder$OfPlatform.start", "java.lang.Thread$Builder$OfPlatform"),
            Map.entry("java/lang/Thread.isAlive", "java.lang.Thread"),
            Map.entry("java/lang/Thread.join", "java.lang.Thread"),
            Map.entry("java/nio/channels/Selector.select", "java.nio.channels.Selector"),
            Map.entry("java/nio/channels/Selector.wakeup", "java.nio.channels.Selector"));

    private final List<String> packages;
    private final boolean memory;
    private final Map<String, Set<String>> volatiles = new HashMap<>();

    /**
     * @param memory whether plain accesses to fields, and to memory outside the heap, are steps, too
     * @param packages name prefixes of the classes that take steps
     */
    SteppedLoader(boolean memory, List<String> packages) {
        super(SteppedLoader.class.getClassLoader());
        this.memory = memory;
        this.packages = packages;
        setDefaultAssertionStatus(true);
    }

    @Override
    protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
        synchronized (getClassLoadingLock(name)) {
            if (packages.stream().noneMatch(name::startsWith)) {
                return super.loadClass(name, resolve);
            }
            Class<?> loaded = findLoadedClass(name);
            if (loaded == null) {
                byte[] bytes = stepped(bytes(name));
                loaded = defineClass(name, bytes, 0, bytes.length);
            }
            return loaded;
        }
    }

    private byte[] bytes(String name) throws ClassNotFoundException {
        try (InputStream in = getResourceAsStream(name.replace('.', '/') + ".class")) {
            if (in == null) {
                throw new ClassNotFoundException(name);
            }
            return in.readAllBytes();
        } catch (IOException e) {
            throw new ClassNotFoundException(name, e);
        }
    }

    private byte[] stepped(byte[] bytes) {
        ClassFile classFile = ClassFile.of();
        return classFile.transformClass(classFile.parse(bytes), (type, element) -> {
            if (element instanceof MethodModel method) {
                type.transformMethod(
                        method,
                        method.flags().has(AccessFlag.SYNCHRONIZED)
                                ? monitored()
                                : MethodTransform.transformingCode(this::step));
            } else {
                type.with(element);
            }
        });
    }

    /** The monitor of a synchronized method becomes one of the steps'; it is not left where the method throws. */
    private MethodTransform monitored() {
        CodeTransform enter = CodeTransform.ofStateful(() -> new CodeTransform() {
            private boolean entered;

            @Override
            public void accept(CodeBuilder code, CodeElement element) {
                if (!entered) {
                    entered = true;
                    code.aload(0).invokestatic(STEPS, "enter", MONITOR);
                }
                if (element instanceof ReturnInstruction) {
                    code.aload(0).invokestatic(STEPS, "leave", MONITOR);
                }
                code.with(element);
            }
        });
        return ((MethodTransform) (method, element) -> {
                    if (element instanceof AccessFlags flags) {
                        method.withFlags(flags.flagsMask() & ~ClassFile.ACC_SYNCHRONIZED);
                    } else {
                        method.with(element);
                    }
                })
                .andThen(MethodTransform.transformingCode(enter.andThen(this::step)));
    }

    private void step(CodeBuilder code, CodeElement element) {
        switch (element) {
            case InvokeInstruction call -> step(code, call);
            case FieldInstruction access
            when isVolatile(access) -> code.invokestatic(STEPS, "step", NOTHING).with(access);
            default -> code.with(element);
        }
    }

    private void step(CodeBuilder code, InvokeInstruction call) {
        String owner = call.owner().asInternalName();
        String name = call.name().stringValue();
        String receiver = REPLACED.get(owner + '.' + name);
        if (receiver != null) {
            MethodTypeDesc type = call.typeSymbol();
            code.invokestatic(
                    STEPS, name, receiver.isEmpty() ? type : type.insertParameterTypes(0, ClassDesc.of(receiver)));
        } else if (call.opcode() == Opcode.INVOKEVIRTUAL
                && WAITING.contains(name + call.type().stringValue())) {
            code.invokestatic(STEPS, name, call.typeSymbol().insertParameterTypes(0, FUTURE));
        } else {
            if (owner.equals("java/lang/invoke/VarHandle")
                    || owner.startsWith("java/util/concurrent/")
                    || memory && owner.equals("java/lang/foreign/MemorySegment") && !name.equals("byteSize")) {
                code.invokestatic(STEPS, "step", NOTHING);
            }
            code.with(call);
        }
    }

    private boolean isVolatile(FieldInstruction access) {
        String owner = access.owner().asInternalName().replace('/', '.');
        return packages.stream().anyMatch(owner::startsWith)
                && volatiles
                        .computeIfAbsent(owner, this::volatileFields)
                        .contains(access.name().stringValue());
    }

    private Set<String> volatileFields(String owner) {
        try {
            return ClassFile.of().parse(bytes(owner)).fields().stream()
                    .filter(field -> field.flags().has(AccessFlag.VOLATILE))
                    .map(field -> field.fieldName().stringValue())
                    .collect(Collectors.toSet());
        } catch (ClassNotFoundException e) {
            return Set.of();
        }
    }
}
