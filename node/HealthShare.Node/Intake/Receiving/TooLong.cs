using System.Globalization;

namespace HealthShare.Node.Intake.Receiving;

/// <summary>What senders are told of what is too long: the limit, whose it is, and the ways on.</summary>
internal static class TooLong
{
    /// <summary>Of several messages together.</summary>
    /// <param name="limit">Most bytes that are taken at once.</param>
    public static string SayOfSeveral(int limit) => string.Create(CultureInfo.InvariantCulture,
        $"The body is longer than {limit} bytes, the most that is taken at once, in one message or in several. Bring fewer messages at a time; 'healthshare hl7 import' does so by itself. A single message that is longer needs HealthShare:Intake:MaxMessageBytes raised.");

    /// <summary>In words.</summary>
    /// <param name="what">What is too long.</param>
    /// <param name="limit">Most bytes that are taken.</param>
    public static string Say(string what, int limit) => string.Create(CultureInfo.InvariantCulture,
        $"{what} is longer than {limit} bytes, the most that is taken here. Split it, so that large documents come in messages of their own, or have this node's operator raise HealthShare:Intake:MaxMessageBytes; then send it again.");
}
