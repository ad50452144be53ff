using HealthShare.Node.Database;
using HealthShare.Node.ReadModel;

namespace HealthShare.Node.Hosting.Idempotency;

internal static class IdempotencyServices
{
    /// <summary>Register it after the database and the node's keys.</summary>
    public static IServiceCollection AddIdempotency(this IServiceCollection services) => services
        .AddSingleton<IdempotentAnswers>()
        .AddSingleton<IPruned>(provider => provider.GetRequiredService<IdempotentAnswers>())
        .AddSingleton<IProjection>(provider => provider.GetRequiredService<IdempotentAnswers>());
}
