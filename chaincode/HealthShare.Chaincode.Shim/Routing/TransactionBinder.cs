using System.Linq.Expressions;
using System.Reflection;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace HealthShare.Chaincode.Shim.Routing;

/// <summary>Finds a contract's transactions and compiles them. The only place that reflects, at start-up.</summary>
internal static class TransactionBinder
{
    private static readonly MethodInfo WriteTextMethod = Helper(nameof(WriteTextAsync));
    private static readonly MethodInfo WriteBytesMethod = Helper(nameof(WriteBytesAsync));
    private static readonly MethodInfo WriteNothingMethod = Helper(nameof(WriteNothingAsync));
    private static readonly MethodInfo WriteJsonMethod = Helper(nameof(WriteJsonAsync));

    public static IEnumerable<BoundTransaction> Bind(Contract contract, JsonSerializerContext json)
    {
        var bound = contract.GetType().GetMethods(BindingFlags.Public | BindingFlags.Instance)
            .Select(method => (Method: method, Attribute: method.GetCustomAttribute<TransactionAttribute>()))
            .Where(found => found.Attribute is not null)
            .Select(found => Bind(contract, found.Method, found.Attribute!, json))
            .ToArray();
        return bound.Length > 0
            ? bound
            : throw new ArgumentException($"{contract.GetType().Name} has no public method marked [Transaction].", nameof(contract));
    }

    private static BoundTransaction Bind(
        Contract contract, MethodInfo method, TransactionAttribute attribute, JsonSerializerContext json)
    {
        var name = $"{contract.Name}:{attribute.Name ?? WithoutAsync(method.Name)}";
        var parameters = method.GetParameters();
        if (parameters.Length == 0 || parameters[0].ParameterType != typeof(TransactionContext))
            throw new ArgumentException($"{name}: the first parameter must be a {nameof(TransactionContext)}.", nameof(method));
        var readers = parameters.Skip(1).Select(parameter => ParameterOf(name, parameter, json)).ToArray();
        var info = new TransactionInfo(name, attribute.Evaluate, [.. parameters.Skip(1).Select(parameter => parameter.Name!)]);
        return new BoundTransaction(contract, info, TypesOf(method, json), readers, Compile(name, contract, method, json));
    }

    private static TransactionTypes TypesOf(MethodInfo method, JsonSerializerContext json)
    {
        var result = method.ReturnType.IsGenericType ? method.ReturnType.GetGenericArguments()[0] : null;
        return new TransactionTypes(
            [.. method.GetParameters().Skip(1).Select(parameter => new ParameterType(
                parameter.Name!, !parameter.HasDefaultValue && !TakesRest(parameter), parameter.ParameterType,
                PassesAsItIs(parameter.ParameterType) || TakesRest(parameter) ? null : json.GetTypeInfo(parameter.ParameterType)))],
            result, result is null || PassesAsItIs(result) ? null : json.GetTypeInfo(result));
    }

    private static bool PassesAsItIs(Type type) => type == typeof(string) || type == typeof(byte[]);

    private static bool TakesRest(ParameterInfo parameter) => parameter.GetCustomAttribute<ParamArrayAttribute>() is not null;

    private static string WithoutAsync(string name) =>
        name.EndsWith("Async", StringComparison.Ordinal) ? name[..^"Async".Length] : name;

    private static ParameterReader ParameterOf(string transaction, ParameterInfo parameter, JsonSerializerContext json)
    {
        if (!TakesRest(parameter))
            return new ParameterReader(ReaderOf(transaction, parameter, json), !parameter.HasDefaultValue, DefaultOf(parameter), takesRest: false);
        return parameter.ParameterType == typeof(string[])
            ? new ParameterReader(new StringReader(parameter.Name!), isRequired: false, standard: null, takesRest: true)
            : throw new ArgumentException($"{transaction}: '{parameter.Name}' takes the rest of the arguments; only string[] can.", nameof(parameter));
    }

    // Reflection gives null for the default of a structure that is written as 'default'.
    private static object? DefaultOf(ParameterInfo parameter) => parameter switch
    {
        { HasDefaultValue: false } => null,
        { DefaultValue: null, ParameterType.IsValueType: true } when Nullable.GetUnderlyingType(parameter.ParameterType) is null =>
            Activator.CreateInstance(parameter.ParameterType),
        _ => parameter.DefaultValue,
    };

    private static ArgumentReader ReaderOf(string transaction, ParameterInfo parameter, JsonSerializerContext json)
    {
        var type = parameter.ParameterType;
        if (type == typeof(string))
            return new StringReader(parameter.Name!);
        if (type == typeof(byte[]))
            return new BytesReader(parameter.Name!);
        var nullable = type.IsValueType
            ? Nullable.GetUnderlyingType(type) is not null
            : new NullabilityInfoContext().Create(parameter).WriteState is NullabilityState.Nullable;
        return new JsonReader(parameter.Name!, TypeInfoOf(transaction, type, json), nullable);
    }

    private static JsonTypeInfo TypeInfoOf(string transaction, Type type, JsonSerializerContext json) => json.GetTypeInfo(type)
        ?? throw new ArgumentException($"{transaction}: {json.GetType().Name} does not know {type}.", nameof(json));

    private static Func<TransactionContext, object?[], Task<ReadOnlyMemory<byte>>> Compile(
        string name, Contract contract, MethodInfo method, JsonSerializerContext json)
    {
        var context = Expression.Parameter(typeof(TransactionContext));
        var values = Expression.Parameter(typeof(object?[]));
        var arguments = method.GetParameters().Skip(1).Select((parameter, i) =>
            Expression.Convert(Expression.ArrayIndex(values, Expression.Constant(i)), parameter.ParameterType));
        var call = Expression.Call(Expression.Constant(contract, contract.GetType()), method, [context, .. arguments]);
        return Expression.Lambda<Func<TransactionContext, object?[], Task<ReadOnlyMemory<byte>>>>(
            Write(name, call, json), context, values).Compile();
    }

    private static MethodCallExpression Write(string name, MethodCallExpression call, JsonSerializerContext json)
    {
        if (call.Type == typeof(Task))
            return Expression.Call(WriteNothingMethod, call);
        if (!call.Type.IsGenericType || call.Type.GetGenericTypeDefinition() != typeof(Task<>))
            throw new ArgumentException($"{name}: a transaction returns Task or Task<T>, not {call.Type}.", nameof(call));
        var result = call.Type.GetGenericArguments()[0];
        if (result == typeof(string))
            return Expression.Call(WriteTextMethod, call);
        if (result == typeof(byte[]))
            return Expression.Call(WriteBytesMethod, call);
        var type = TypeInfoOf(name, result, json);
        return Expression.Call(
            WriteJsonMethod.MakeGenericMethod(result), call, Expression.Constant(type, typeof(JsonTypeInfo<>).MakeGenericType(result)));
    }

    private static MethodInfo Helper(string name) =>
        typeof(TransactionBinder).GetMethod(name, BindingFlags.NonPublic | BindingFlags.Static)!;

    private static async Task<ReadOnlyMemory<byte>> WriteNothingAsync(Task task)
    {
        await task;
        return default;
    }

    private static async Task<ReadOnlyMemory<byte>> WriteTextAsync(Task<string?> task) => Encoding.UTF8.GetBytes(await task ?? "");

    private static async Task<ReadOnlyMemory<byte>> WriteBytesAsync(Task<byte[]?> task) => await task;

    private static async Task<ReadOnlyMemory<byte>> WriteJsonAsync<T>(Task<T> task, JsonTypeInfo<T> type) =>
        JsonSerializer.SerializeToUtf8Bytes(await task, type);
}
