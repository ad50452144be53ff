using HealthShare.Node.Auth;
using HealthShare.Node.Events;
using HealthShare.Node.Problems;

namespace HealthShare.Node.Webhooks;

/// <summary>What webhooks tell of.</summary>
internal static class WebhookTopics
{
    /// <summary>The topics by name; what is for one member of staff goes to nobody else.</summary>
    public static IReadOnlyList<string> Names { get; } =
        [.. Enum.GetValues<EventTopic>().Except([EventTopic.AccessRequest]).Select(EventTable.NameOf)];

    /// <summary>Nobody hears by a webhook what they may not read.</summary>
    /// <exception cref="ApiProblemException"><c>webhook.topic_forbidden</c>: the caller may not read what one of the topics tells of.</exception>
    public static void CheckReadable(IEnumerable<string> topics, Caller caller)
    {
        if (topics.FirstOrDefault(topic => !Permissions.Allows(EventTopics.NeededFor(TopicOf(topic)), caller)) is { } forbidden)
            throw new ApiProblemException(new ApiProblem(StatusCodes.Status403Forbidden, "webhook.topic_forbidden",
                $"Your role may not read what the topic {forbidden} tells of; somebody who may makes that webhook."));
    }

    /// <summary>True where the role may read all that the topics tell of.</summary>
    public static bool AreReadable(IEnumerable<string> topics, Role role) =>
        topics.All(topic => Permissions.Allows(EventTopics.NeededFor(TopicOf(topic)), role));

    private static EventTopic TopicOf(string name) => Enum.Parse<EventTopic>(name, ignoreCase: true);
}
