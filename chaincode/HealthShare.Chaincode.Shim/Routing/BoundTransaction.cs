using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace HealthShare.Chaincode.Shim.Routing;

/// <summary>A transaction ready to run: its contract, its compiled method, a reader for each argument.</summary>
internal sealed class BoundTransaction(
    Contract contract, TransactionInfo info, TransactionTypes types, IReadOnlyList<ParameterReader> parameters,
    Func<TransactionContext, object?[], Task<ReadOnlyMemory<byte>>> method)
{
    private readonly int least = parameters.TakeWhile(parameter => parameter.IsRequired).Count();
    private readonly int most = parameters.Any(parameter => parameter.TakesRest) ? int.MaxValue : parameters.Count;

    public TransactionInfo Info { get; } = info;

    public TransactionTypes Types { get; } = types;

    public async Task<ReadOnlyMemory<byte>> InvokeAsync(TransactionContext context, IReadOnlyList<ReadOnlyMemory<byte>> call)
    {
        var given = call.Count - 1; // the first is the function's name
        if (given < least || given > most)
            throw new ContractException(ShimCodes.ArgumentsInvalid, $"{Info.Name} takes {Count()} ({string.Join(", ", Info.Parameters)}), not {given}.");
        var values = new object?[parameters.Count];
        for (var i = 0; i < values.Length; i++)
            values[i] = parameters[i].Read(call, i + 1);
        await contract.BeforeAsync(context);
        return await method(context, values);
    }

    private string Count() => (least, most) switch
    {
        (1, 1) => "1 argument",
        (_, int.MaxValue) => $"at least {least}",
        _ when least == most => $"{least} arguments",
        _ => $"{least} to {most} arguments",
    };
}

/// <summary>Takes one parameter's value out of a call: an argument, all that are left, or the default of one that is not given.</summary>
/// <param name="reader">Reads one argument.</param>
/// <param name="isRequired">Whether a call must give it.</param>
/// <param name="standard">What it is when a call does not give it.</param>
/// <param name="takesRest">Whether it is <c>params string[]</c>.</param>
internal sealed class ParameterReader(ArgumentReader reader, bool isRequired, object? standard, bool takesRest)
{
    public bool IsRequired { get; } = isRequired;

    public bool TakesRest { get; } = takesRest;

    public object? Read(IReadOnlyList<ReadOnlyMemory<byte>> call, int position)
    {
        if (!TakesRest)
            return position < call.Count ? reader.Read(call[position]) : standard;
        var rest = new string[Math.Max(0, call.Count - position)];
        for (var i = 0; i < rest.Length; i++)
            rest[i] = (string)reader.Read(call[position + i])!;
        return rest;
    }
}

/// <summary>Turns the bytes of one argument into its parameter's type, or refuses them without repeating them.</summary>
internal abstract class ArgumentReader(string name)
{
    protected string Name { get; } = name;

    public abstract object? Read(ReadOnlyMemory<byte> argument);

    protected ContractException Invalid(string what, Exception? inner = null) =>
        new(ShimCodes.ArgumentsInvalid, $"Argument '{Name}' {what}.", inner);
}

internal sealed class StringReader(string name) : ArgumentReader(name)
{
    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    public override object Read(ReadOnlyMemory<byte> argument)
    {
        try
        {
            return StrictUtf8.GetString(argument.Span);
        }
        catch (DecoderFallbackException e)
        {
            throw Invalid("is not UTF-8", e);
        }
    }
}

internal sealed class BytesReader(string name) : ArgumentReader(name)
{
    public override object Read(ReadOnlyMemory<byte> argument) => argument.ToArray();
}

internal sealed class JsonReader(string name, JsonTypeInfo type, bool nullable) : ArgumentReader(name)
{
    public override object? Read(ReadOnlyMemory<byte> argument)
    {
        try
        {
            var value = JsonSerializer.Deserialize(argument.Span, type);
            return value is not null || nullable ? value : throw Invalid("must not be null");
        }
        catch (JsonException e)
        {
            // Path and position are ours to tell; the exception's text may quote the argument.
            throw Invalid($"is not the JSON of {type.Type.Name} (at byte {e.BytePositionInLine ?? 0} of line {(e.LineNumber ?? 0) + 1})", e);
        }
    }
}
