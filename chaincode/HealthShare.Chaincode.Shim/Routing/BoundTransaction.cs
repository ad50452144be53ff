using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace HealthShare.Chaincode.Shim.Routing;

/// <summary>A transaction ready to run: its contract, its compiled method, a reader for each argument.</summary>
internal sealed class BoundTransaction(
    Contract contract, TransactionInfo info, IReadOnlyList<ArgumentReader> readers,
    Func<TransactionContext, object?[], Task<ReadOnlyMemory<byte>>> method)
{
    public TransactionInfo Info { get; } = info;

    public async Task<ReadOnlyMemory<byte>> InvokeAsync(TransactionContext context, ReadOnlyMemory<byte>[] arguments)
    {
        if (arguments.Length != readers.Count)
        {
            throw new ContractException(ShimCodes.ArgumentsInvalid,
                $"{Info.Name} takes {Count(readers.Count)} ({string.Join(", ", Info.Parameters)}), not {arguments.Length}.");
        }
        var values = new object?[arguments.Length];
        for (var i = 0; i < values.Length; i++)
            values[i] = readers[i].Read(arguments[i]);
        await contract.BeforeAsync(context);
        return await method(context, values);
    }

    private static string Count(int arguments) => arguments == 1 ? "1 argument" : $"{arguments} arguments";
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
