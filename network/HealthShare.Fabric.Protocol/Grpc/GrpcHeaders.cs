using System.Globalization;
using System.Text;

namespace HealthShare.Fabric.Protocol.Grpc;

/// <summary>Names and value forms of gRPC's headers, by "gRPC over HTTP/2".</summary>
internal static class GrpcHeaders
{
    public const string ContentType = "application/grpc";
    public const string Status = "grpc-status";
    public const string Message = "grpc-message";
    public const string StatusDetails = "grpc-status-details-bin";
    public const string Timeout = "grpc-timeout";

    private const long MaxTimeoutDigits = 99_999_999;

    public static bool IsGrpc(string? contentType) =>
        contentType is not null
        && contentType.StartsWith(ContentType, StringComparison.OrdinalIgnoreCase)
        && (contentType.Length == ContentType.Length || contentType[ContentType.Length] is '+' or ';');

    /// <summary>At most eight digits and a unit, rounded up so that the server never gives up first.</summary>
    public static string FormatTimeout(TimeSpan timeout)
    {
        var ticks = Math.Max(timeout.Ticks, 1);
        (long Unit, char Name)[] units =
        [
            (TimeSpan.TicksPerMicrosecond, 'u'), (TimeSpan.TicksPerMillisecond, 'm'), (TimeSpan.TicksPerSecond, 'S'),
            (TimeSpan.TicksPerMinute, 'M'),
        ];
        foreach (var (unit, name) in units)
        {
            var count = (ticks / unit) + (ticks % unit == 0 ? 0 : 1);
            if (count <= MaxTimeoutDigits)
            {
                return string.Create(CultureInfo.InvariantCulture, $"{count}{name}");
            }
        }
        return string.Create(CultureInfo.InvariantCulture, $"{MaxTimeoutDigits}M");
    }

    public static bool TryParseTimeout(string? text, out TimeSpan timeout)
    {
        timeout = default;
        if (text is not { Length: >= 2 and <= 9 }
            || !long.TryParse(text.AsSpan(0, text.Length - 1), NumberStyles.None, CultureInfo.InvariantCulture, out var count))
        {
            return false;
        }
        double ticks = text[^1] switch
        {
            'n' => count / 100.0,
            'u' => (double)count * TimeSpan.TicksPerMicrosecond,
            'm' => (double)count * TimeSpan.TicksPerMillisecond,
            'S' => (double)count * TimeSpan.TicksPerSecond,
            'M' => (double)count * TimeSpan.TicksPerMinute,
            'H' => (double)count * TimeSpan.TicksPerHour,
            _ => -1,
        };
        timeout = ticks < TimeSpan.MaxValue.Ticks ? TimeSpan.FromTicks((long)Math.Ceiling(ticks)) : TimeSpan.MaxValue;
        return ticks >= 0;
    }

    /// <summary>The longest a timer can be set for; longer deadlines are as good as none.</summary>
    public static TimeSpan ForTimer(TimeSpan timeout) =>
        timeout <= TimeSpan.Zero ? TimeSpan.Zero
        : timeout.TotalMilliseconds < int.MaxValue ? timeout
        : TimeSpan.FromMilliseconds(int.MaxValue);

    /// <summary>Percent-encodes everything but printable ASCII, and the percent sign.</summary>
    public static string EncodeMessage(string message)
    {
        if (!message.AsSpan().ContainsAnyExceptInRange(' ', '~') && !message.Contains('%', StringComparison.Ordinal))
        {
            return message;
        }
        var text = new StringBuilder(message.Length + 16);
        foreach (var octet in Encoding.UTF8.GetBytes(message))
        {
            if (octet is >= (byte)' ' and <= (byte)'~' and not (byte)'%')
            {
                text.Append((char)octet);
            }
            else
            {
                text.Append('%').Append(octet.ToString("X2", CultureInfo.InvariantCulture));
            }
        }
        return text.ToString();
    }

    /// <summary>Never fails: what is not a valid escape stays as it came.</summary>
    public static string DecodeMessage(string message) => Uri.UnescapeDataString(message);

    public static string EncodeBinary(ReadOnlySpan<byte> value) => Convert.ToBase64String(value).TrimEnd('=');

    /// <summary>Base64 with or without padding; empty where it is neither.</summary>
    public static ReadOnlyMemory<byte> DecodeBinary(string value)
    {
        var text = value.TrimEnd('=');
        var bytes = new byte[(text.Length * 3 / 4) + 3];
        return Convert.TryFromBase64String(text.PadRight((text.Length + 3) / 4 * 4, '='), bytes, out var length)
            ? bytes.AsMemory(0, length)
            : default(ReadOnlyMemory<byte>);
    }

    public static StatusCode ParseStatus(string text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var code)
        && code is >= (int)StatusCode.OK and <= (int)StatusCode.Unauthenticated
            ? (StatusCode)code
            : StatusCode.Unknown;
}
