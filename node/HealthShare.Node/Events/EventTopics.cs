using HealthShare.Node.Auth;

namespace HealthShare.Node.Events;

/// <summary>Who hears of what in a stream: the same as who may read it.</summary>
internal static class EventTopics
{
    /// <summary>What of the events this caller may read.</summary>
    public static EventFilter For(Caller caller) => new(
        [.. Enum.GetValues<EventTopic>().Where(topic => Permissions.Allows(NeededFor(topic), caller)
            && (topic is not EventTopic.AccessRequest || caller.StaffId is not null))],
        caller.IsPatientSide ? caller.PatientId : null, caller.StaffId);

    /// <summary>True when the caller hears when its own access log grows.</summary>
    public static bool FollowsAccessLog(Caller caller) => caller is { IsPatientSide: true, PatientId: not null } && Permissions.Allows(Permission.SeeAccessLog, caller);

    /// <summary>The permission that reading the same elsewhere takes.</summary>
    public static Permission NeededFor(EventTopic topic) => topic switch
    {
        EventTopic.Notification => Permission.SeeNotifications,
        EventTopic.Decision => Permission.SeeAccessLog,
        EventTopic.Revocation => Permission.SeeConsents,
        EventTopic.AccessRequest => Permission.ReadRecords,
        EventTopic.Incident => Permission.SeeIncidents,
        EventTopic.Intake => Permission.SeeMessages,
        _ => throw new ArgumentOutOfRangeException(nameof(topic), topic, "Unknown topic."),
    };
}
