using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace HealthShare.Vault.Content.Ipfs;

/// <summary>Reads answers of JSON values, one a line, as they come; memory is one line's.</summary>
internal static class IpfsLines
{
    private const int MaxLine = 64 * 1024;

    public static async IAsyncEnumerable<T> ReadAsync<T>(IpfsAnswer answer, string call, JsonTypeInfo<T> type,
        [EnumeratorCancellation] CancellationToken ct)
    {
        var held = new byte[4096];
        var end = 0;
        for (var more = true; more;)
        {
            if (end == held.Length)
            {
                if (end == MaxLine)
                    throw new IpfsException(call, IpfsFailure.BadAnswer, $"a line is longer than {MaxLine} bytes.");
                Array.Resize(ref held, Math.Min(MaxLine, held.Length * 2));
            }
            var read = await answer.ReadAsync(held.AsMemory(end), ct);
            more = read > 0;
            end += read;
            var start = 0;
            for (int length; (length = held.AsSpan(start, end - start).IndexOf((byte)'\n')) >= 0; start += length + 1)
            {
                if (TryParse(held.AsSpan(start, length), call, type, out var value))
                    yield return value;
            }
            held.AsSpan(start, end - start).CopyTo(held);
            end -= start;
        }
        if (TryParse(held.AsSpan(0, end), call, type, out var last))
            yield return last;
    }

    public static T Parse<T>(ReadOnlySpan<byte> json, string call, JsonTypeInfo<T> type)
    {
        try
        {
            return JsonSerializer.Deserialize(json, type) ?? throw new JsonException("null");
        }
        catch (JsonException e)
        {
            throw new IpfsException(call, IpfsFailure.BadAnswer, "the answer is not the JSON that was expected.", inner: e);
        }
    }

    private static bool TryParse<T>(ReadOnlySpan<byte> line, string call, JsonTypeInfo<T> type, out T value)
    {
        line = line.Trim(" \t\r\n"u8);
        value = line.IsEmpty ? default! : Parse(line, call, type);
        return !line.IsEmpty;
    }
}
