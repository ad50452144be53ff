using HealthShare.Node.Hosting;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authorization;

namespace HealthShare.Node.Auth;

internal static class AuthServices
{
    public static IServiceCollection AddNodeAuth(this IServiceCollection services)
    {
        services.AddNodeOptions<AuthOptions, AuthOptionsValidator>("Auth")
            .Validate(options => options.Callers.All(caller => caller.Role is not (Role.Physician or Role.Nurse) || caller.StaffId is not null),
                "HealthShare:Auth:Callers: a physician or a nurse needs a StaffId.")
            .Validate(options => options.Callers.All(caller => caller.Role is Role.Patient == caller.PatientId is not null),
                "HealthShare:Auth:Callers: a patient, and nobody else, needs a PatientId.")
            .Validate(options => options.Callers.All(caller => caller.DelegateId is null || caller.Role is Role.Patient),
                "HealthShare:Auth:Callers: a DelegateId is for those who call in a patient's place.")
            .Validate(options => options.Callers.DistinctBy(caller => caller.TokenSha256.ToUpperInvariant()).Count() == options.Callers.Count,
                "HealthShare:Auth:Callers: two callers have the same token.");
        services.AddSingleton<CallerDirectory>();
        services.AddAuthentication(BearerTokenHandler.SchemeName)
            .AddScheme<AuthenticationSchemeOptions, BearerTokenHandler>(BearerTokenHandler.SchemeName, configureOptions: null);
        // An endpoint that forgets to say who may call it is open to callers only, never to the world.
        services.AddAuthorizationBuilder().SetFallbackPolicy(new AuthorizationPolicyBuilder().RequireAuthenticatedUser().Build());
        return services;
    }
}
