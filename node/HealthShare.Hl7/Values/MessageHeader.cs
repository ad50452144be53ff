namespace HealthShare.Hl7.Values;

/// <summary>What the header of a message (MSH) says, unescaped. Absent parts are "".</summary>
public sealed class MessageHeader
{
    private MessageHeader(Er7Segment msh)
    {
        SendingApplication = AssigningAuthority.ReadField(msh.Field(3));
        SendingFacility = AssigningAuthority.ReadField(msh.Field(4));
        Time = Hl7Timestamp.TryRead(msh.Field(7), out var time) ? time : null;
        var type = msh.Field(9);
        (MessageCode, TriggerEvent) = (type.Component(1).Text, type.Component(2).Text);
        ControlId = msh.Field(10).Text;
        ProcessingId = msh.Field(11).Component(1).Text;
        Version = msh.Field(12).Component(1).Text;
        AcceptAcknowledgement = msh.Field(15).Component(1).Text;
        ApplicationAcknowledgement = msh.Field(16).Component(1).Text;
        CharacterSet = msh.Field(18).Repetition(1).Text;
    }

    /// <summary>MSH-3.</summary>
    public AssigningAuthority SendingApplication { get; }

    /// <summary>MSH-4.</summary>
    public AssigningAuthority SendingFacility { get; }

    /// <summary>MSH-7; null where it is absent or no time.</summary>
    public Hl7Timestamp? Time { get; }

    /// <summary>MSH-9.1, such as <c>ORU</c>.</summary>
    public string MessageCode { get; }

    /// <summary>MSH-9.2, such as <c>R01</c>.</summary>
    public string TriggerEvent { get; }

    /// <summary>MSH-10, the sender's id of the message.</summary>
    public string ControlId { get; }

    /// <summary>MSH-11.1: P (production), T (training) or D (debugging).</summary>
    public string ProcessingId { get; }

    /// <summary>MSH-12.1, such as <c>2.5.1</c>.</summary>
    public string Version { get; }

    /// <summary>MSH-15, table 0155: AL, NE, ER or SU.</summary>
    public string AcceptAcknowledgement { get; }

    /// <summary>MSH-16, table 0155.</summary>
    public string ApplicationAcknowledgement { get; }

    /// <summary>First repetition of MSH-18, table 0211.</summary>
    public string CharacterSet { get; }

    /// <summary>Reads the header of a message.</summary>
    public static MessageHeader Read(Er7Message message) => new(message.Header);
}
