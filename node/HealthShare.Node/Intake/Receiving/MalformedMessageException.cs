using HealthShare.Hl7;

namespace HealthShare.Node.Intake.Receiving;

/// <summary>A message is not of the form that a record needs; the words name the place and hold no content.</summary>
internal sealed class MalformedMessageException(Er7Error error) : Exception(error.ToString())
{
    /// <summary>Stable code, such as <c>message.segment_missing</c>.</summary>
    public string Code { get; } = "message." + MessageReceiver.JsonName(error.Fault);
}
