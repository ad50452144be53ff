using HealthShare.Node.Auth.Certificates;
using HealthShare.Node.Auth.Enrolment;
using HealthShare.Node.Auth.Passkeys;
using HealthShare.Node.Auth.People;
using HealthShare.Node.Auth.SecondKeys;
using HealthShare.Node.Auth.Sessions;
using HealthShare.Node.Auth.Tokens;
using HealthShare.Node.Database;
using HealthShare.Node.Hosting;
using HealthShare.Node.ReadModel;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Http.Json;
using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.Options;

namespace HealthShare.Node.Auth;

internal static class AuthServices
{
    private const string AnyScheme = "Any";

    public static IServiceCollection AddNodeAuth(this IServiceCollection services)
    {
        services.AddNodeOptions<AuthOptions, AuthOptionsValidator>("Auth")
            .Validate(options => options.Callers.All(caller => caller.StaffId is not null
                || caller.Role is not { } role || !Permissions.Allows(Permission.ReadRecords, role)),
                "HealthShare:Auth:Callers: a physician, a nurse, a pharmacist or a researcher needs a StaffId.")
            .Validate(options => options.Callers.All(caller => caller.Role is Role.Patient or Role.Delegate == caller.PatientId is not null),
                "HealthShare:Auth:Callers: a patient or a delegate, and nobody else, needs a PatientId.")
            .Validate(options => options.Callers.All(caller => caller.DelegateId is null ? caller.Role is not Role.Delegate : caller.Role is Role.Patient or Role.Delegate),
                "HealthShare:Auth:Callers: a DelegateId is for those who call in a patient's place.")
            .Validate(options => options.Callers.All(caller =>
                new[] { caller.TokenSha256, caller.CertificateSha256, caller.CertificateSubject }.Count(one => one is not null) == 1),
                "HealthShare:Auth:Callers: an entry has one of TokenSha256, CertificateSha256 and CertificateSubject.")
            .Validate(options => !HasTwice(options, caller => caller.TokenSha256) && !HasTwice(options, caller => caller.CertificateSha256)
                && !HasTwice(options, caller => caller.CertificateSubject),
                "HealthShare:Auth:Callers: two callers have the same token or certificate.");
        services.AddNodeOptions<TokensOptions, TokensOptionsValidator>("Tokens")
            .Validate(options => options.Issuer is null || (Uri.TryCreate(options.Issuer, UriKind.Absolute, out var issuer) && ProviderKeys.IsSafe(issuer)
                && issuer is { Query: "", Fragment: "" }),
                "HealthShare:Tokens:Issuer is an https address; http only on the loopback interface.")
            .Validate(options => options.Issuer is null || options.Audience is not null, "HealthShare:Tokens:Audience is required with an Issuer.");
        services.AddSingleton<CallerDirectory>();
        services.AddSingleton<ClientAuthority>();
        services.AddSingleton<AccessTokens>();
        services.AddSingleton<IProviderKeys>(provider => ActivatorUtilities.CreateInstance<ProviderKeys>(provider, ProviderClient()));
        services.AddAuthentication(AnyScheme)
            .AddPolicyScheme(AnyScheme, null, options => options.ForwardDefaultSelector = SchemeOf)
            .AddScheme<AuthenticationSchemeOptions, CertificateHandler>(CertificateHandler.SchemeName, configureOptions: null)
            .AddScheme<AuthenticationSchemeOptions, BearerTokenHandler>(BearerTokenHandler.SchemeName, configureOptions: null)
            .AddScheme<AuthenticationSchemeOptions, SessionHandler>(SessionHandler.SchemeName, configureOptions: null);
        // An endpoint that forgets to say who may call it is open to callers only, never to the world.
        services.AddAuthorizationBuilder().SetFallbackPolicy(new AuthorizationPolicyBuilder().RequireAuthenticatedUser().Build());
        return services.AddSignIn();
    }

    // Who sends a token is judged by it alone: a cookie or a certificate that comes along changes nothing.
    private static string SchemeOf(HttpContext http) =>
        http.Request.Headers.Authorization.Count > 0 ? BearerTokenHandler.SchemeName
        : http.Connection.ClientCertificate is not null && http.RequestServices.GetRequiredService<SessionCookie>().TokenOf(http.Request) is null
            ? CertificateHandler.SchemeName
        : SessionHandler.SchemeName;

    private static bool HasTwice(AuthOptions options, Func<CallerOptions, string?> what) => options.Callers.Select(what).OfType<string>()
        .GroupBy(value => value.ToUpperInvariant()).Any(same => same.Count() > 1);

    private static HttpClient ProviderClient() => new(new SocketsHttpHandler
    {
        AllowAutoRedirect = false, PooledConnectionLifetime = TimeSpan.FromMinutes(5), ConnectTimeout = TimeSpan.FromSeconds(5),
    });

    public static void MapSignIn(this IEndpointRouteBuilder app)
    {
        app.MapSessions();
        app.MapInvitations();
        app.MapEnrolments();
        app.MapSecondKeys();
        app.MapStaff();
    }

    private static IServiceCollection AddSignIn(this IServiceCollection services)
    {
        services.AddNodeOptions<SignInOptions, SignInOptionsValidator>("SignIn")
            .Validate(options => options.Origin is null || NodeOrigin.IsUsable(options.Origin),
                "HealthShare:SignIn:Origin is an https origin with a host name, such as https://north.example; http only under localhost.")
            .Validate(options => options.IdleTimeout <= options.AbsoluteTimeout,
                "HealthShare:SignIn:IdleTimeout is at most AbsoluteTimeout.");
        services.AddSingleton<SecondKeys.PermitLookUp>();
        services.AddNodeOptions<SecondKeysOptions, SecondKeysOptionsValidator>("SecondKeys")
            .Validate(options => options.Origins.All(NodeOrigin.IsUsable),
                "HealthShare:SecondKeys:Origins are https origins with a host name; http only under localhost.")
            .Validate(options => options.Pages.All(NodeOrigin.IsUsable),
                "HealthShare:SecondKeys:Pages are https origins with a host name; http only under localhost.");
        services.AddSingleton<NodeOrigin>();
        services.AddSingleton<PersonNames>();
        services.AddSingleton<PersonStore>();
        services.AddStaff();
        services.AddSingleton<SessionStore>();
        services.AddSingleton<IPruned>(provider => provider.GetRequiredService<SessionStore>());
        services.AddSingleton<SessionCookie>();
        services.AddSingleton<CallerStanding>();
        services.AddSingleton<SessionViews>();
        services.AddSingleton<SignInThrottle>();
        services.AddSingleton<Challenges>();
        services.AddSingleton<CredentialStanding>();
        services.AddSingleton<IProjection, SessionProjection>();
        services.AddSingleton<InvitationStore>();
        services.AddSingleton<IPruned>(provider => provider.GetRequiredService<InvitationStore>());
        services.AddHttpContextAccessor();
        services.AddIdentityCore<Person>();
        services.AddScoped<IUserStore<Person>>(provider => provider.GetRequiredService<PersonStore>());
        services.AddScoped<IPasskeyHandler<Person>, PasskeyHandler<Person>>();
        services.AddSingleton<IConfigureOptions<IdentityPasskeyOptions>, PasskeySetup>();
        services.AddScoped<PasskeyCeremony>();
        services.AddScoped<SignIns>();
        services.AddScoped<PasskeyEnrolment>();
        return services.Configure<JsonOptions>(json =>
        {
            json.SerializerOptions.TypeInfoResolverChain.Insert(0, SignInJson.Default);
            json.SerializerOptions.TypeInfoResolverChain.Insert(0, SecondKeyJson.Default);
        });
    }
}
