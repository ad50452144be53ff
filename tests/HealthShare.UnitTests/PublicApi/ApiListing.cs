using System.Globalization;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text;
using Google.Protobuf;
using Google.Protobuf.Reflection;

namespace HealthShare.UnitTests.PublicApi;

/// <summary>
/// Writes down what an assembly lets others use: every public type, and the members that may be called or overridden from
/// outside, sorted. Messages generated from .proto files stand there by name alone, since those files say what is in them.
/// </summary>
internal static class ApiListing
{
    private const BindingFlags Declared =
        BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;

    public static string Of(Assembly assembly)
    {
        var text = new StringBuilder();
        foreach (var type in assembly.GetExportedTypes().OrderBy(type => type.FullName, StringComparer.Ordinal))
        {
            if (IsGenerated(type))
            {
                if (typeof(IMessage).IsAssignableFrom(type))
                    text.Append("message ").Append(NameOf(type)).Append('\n');
                continue;
            }
            text.Append(Declaration(type)).Append('\n');
            foreach (var member in MembersOf(type).Order(StringComparer.Ordinal))
                text.Append("    ").Append(member).Append('\n');
        }
        return text.ToString();
    }

    // Enums of messages and the descriptor classes come from the same files.
    private static bool IsGenerated(Type type) =>
        typeof(IMessage).IsAssignableFrom(type)
        || type.Name == "Types" && type.DeclaringType is { } message && IsGenerated(message)
        || type.DeclaringType is { } outer && IsGenerated(outer)
        || type.Name.EndsWith("Reflection", StringComparison.Ordinal) && type.GetProperty("Descriptor")?.PropertyType == typeof(FileDescriptor)
        || type.IsEnum && type.GetFields().Any(field => field.IsDefined(typeof(OriginalNameAttribute)));

    private static string Declaration(Type type)
    {
        var kind = type switch
        {
            { IsEnum: true } => "enum",
            { IsInterface: true } => "interface",
            { IsValueType: true } => "struct",
            _ when typeof(Delegate).IsAssignableFrom(type) => "delegate",
            { IsAbstract: true, IsSealed: true } => "static class",
            { IsAbstract: true } => "abstract class",
            { IsSealed: true } => "sealed class",
            _ => "class",
        };
        var bases = new List<Type>();
        if (type is { IsClass: true, BaseType: { } parent } && parent != typeof(object) && kind != "delegate")
            bases.Add(parent);
        bases.AddRange(type.IsEnum || kind == "delegate" ? [] : type.GetInterfaces().Except(type.BaseType?.GetInterfaces() ?? []).Where(i => i.IsVisible));
        var from = bases.Count == 0 ? "" : " : " + string.Join(", ", bases.Select(b => NameOf(b)).Order(StringComparer.Ordinal));
        return $"{kind} {NameOf(type)}{from}";
    }

    private static IEnumerable<string> MembersOf(Type type)
    {
        if (type.IsEnum)
            return Enum.GetNames(type).Select(name => $"{name} = {Convert.ToInt64(Enum.Parse(type, name), CultureInfo.InvariantCulture)}");
        if (typeof(Delegate).IsAssignableFrom(type))
            return [Signature(type.GetMethod("Invoke")!)];
        return
        [
            .. type.GetConstructors(Declared).Where(IsVisible).Select(made => $"new({Parameters(made)})"),
            .. type.GetFields(Declared).Where(field => field.IsPublic || field.IsFamily).Select(Field),
            .. type.GetProperties(Declared).Select(Property).OfType<string>(),
            .. type.GetEvents(Declared).Where(e => IsVisible(e.AddMethod)).Select(e => $"event {NameOf(e.EventHandlerType!)} {e.Name}"),
            .. type.GetMethods(Declared).Where(method => IsVisible(method) && !IsMadeByTheCompiler(method)).Select(Signature),
        ];
    }

    private static bool IsVisible(MethodBase? method) => method is { IsPublic: true } or { IsFamily: true } or { IsFamilyOrAssembly: true };

    // A record's equality and printing follow from its properties.
    private static bool IsMadeByTheCompiler(MethodInfo method) =>
        method.IsSpecialName && !method.Name.StartsWith("op_", StringComparison.Ordinal)
        || method.IsDefined(typeof(CompilerGeneratedAttribute))
        || method.Name is "<Clone>$" or "PrintMembers";

    private static string Field(FieldInfo field)
    {
        var how = field switch { { IsLiteral: true } => "const ", { IsStatic: true } => "static ", _ => "" };
        var value = field.IsLiteral ? $" = {Literal(field.GetRawConstantValue())}" : "";
        return $"{how}{NameOf(field.FieldType, new NullabilityInfoContext().Create(field))} {field.Name}{value}";
    }

    private static string? Property(PropertyInfo property)
    {
        var accessor = property.GetMethod ?? property.SetMethod!;
        if (!IsVisible(property.GetMethod) && !IsVisible(property.SetMethod) || property.Name == "EqualityContract")
            return null;
        var isInit = property.SetMethod?.ReturnParameter.GetRequiredCustomModifiers().Contains(typeof(IsExternalInit)) == true;
        var set = IsVisible(property.SetMethod) ? isInit ? " init;" : " set;" : "";
        var required = property.IsDefined(typeof(RequiredMemberAttribute)) ? "required " : "";
        var name = property.GetIndexParameters() is { Length: > 0 } ? $"this[{Parameters(accessor)}]" : property.Name;
        return $"{Modifiers(accessor)}{required}{NameOf(property.PropertyType, new NullabilityInfoContext().Create(property))} {name} {{ get;{set} }}";
    }

    private static string Signature(MethodInfo method)
    {
        var generic = method.IsGenericMethod ? $"<{string.Join(", ", method.GetGenericArguments().Select(argument => argument.Name))}>" : "";
        return $"{Modifiers(method)}{NameOf(method.ReturnType, new NullabilityInfoContext().Create(method.ReturnParameter))} "
            + $"{method.Name}{generic}({Parameters(method)})";
    }

    private static string Modifiers(MethodBase method) =>
        (method.IsPublic ? "" : "protected ")
        + (method switch
        {
            _ when method.DeclaringType!.IsInterface => method.IsStatic ? "static " : "",
            { IsStatic: true } => "static ",
            { IsAbstract: true } => "abstract ",
            MethodInfo { IsVirtual: true, IsFinal: false } m when m.GetBaseDefinition() != m => "override ",
            { IsVirtual: true, IsFinal: false } => "virtual ",
            _ => "",
        });

    private static string Parameters(MethodBase method) => string.Join(", ", method.GetParameters()
        .Where(parameter => method is not MethodInfo { IsSpecialName: true } || parameter.Name != "value")
        .Select(parameter =>
        {
            var how = parameter switch
            {
                { IsOut: true } => "out ",
                { ParameterType.IsByRef: true, IsIn: true } => "in ",
                { ParameterType.IsByRef: true } => "ref ",
                _ when parameter.IsDefined(typeof(ParamArrayAttribute)) || parameter.IsDefined(typeof(ParamCollectionAttribute)) => "params ",
                _ => "",
            };
            var type = parameter.ParameterType.IsByRef ? parameter.ParameterType.GetElementType()! : parameter.ParameterType;
            var standard = parameter.HasDefaultValue ? $" = {Literal(parameter.DefaultValue)}" : "";
            return $"{how}{NameOf(type, new NullabilityInfoContext().Create(parameter))} {parameter.Name}{standard}";
        }));

    private static string Literal(object? value) => value switch
    {
        null => "default",
        string text => $"\"{text}\"",
        bool truth => truth ? "true" : "false",
        _ => Convert.ToString(value, CultureInfo.InvariantCulture)!,
    };

    private static string NameOf(Type type, NullabilityInfo? nullability = null)
    {
        if (Nullable.GetUnderlyingType(type) is { } underlying)
            return NameOf(underlying) + "?";
        var mark = !type.IsValueType && nullability?.ReadState is NullabilityState.Nullable ? "?" : "";
        if (type.IsArray)
            return NameOf(type.GetElementType()!, nullability?.ElementType) + "[]" + mark;
        if (type.IsGenericParameter)
            return type.Name + mark;
        var outer = type.DeclaringType is { } declaring && !type.IsGenericParameter ? NameOf(declaring) + "." : NamespaceOf(type);
        var name = type.Name.Split('`')[0];
        if (!type.IsGenericType)
            return outer + (Keyword(type) ?? name) + mark;
        var arguments = type.GetGenericArguments()
            .Select((argument, i) => NameOf(argument, nullability?.GenericTypeArguments.ElementAtOrDefault(i)));
        return $"{outer}{name}<{string.Join(", ", arguments)}>{mark}";
    }

    // The platform's types are known by their short names; ours are told apart.
    private static string NamespaceOf(Type type) =>
        type.Namespace?.StartsWith("System", StringComparison.Ordinal) == true || type.Namespace?.StartsWith("Microsoft", StringComparison.Ordinal) == true
            ? "" : type.Namespace + ".";

    private static string? Keyword(Type type) =>
        type == typeof(void) ? "void"
        : type == typeof(object) ? "object"
        : type.IsEnum ? null
        : Type.GetTypeCode(type) switch
        {
            TypeCode.String => "string", TypeCode.Boolean => "bool", TypeCode.Byte => "byte", TypeCode.Int32 => "int",
            TypeCode.Int64 => "long", TypeCode.UInt32 => "uint", TypeCode.UInt64 => "ulong", TypeCode.Double => "double",
            TypeCode.Char => "char", _ => null,
        };
}
