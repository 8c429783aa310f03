<?php
// What scripts/wordpress does in WordPress: installs it, switches the plugin on, and reads what it makes of shortcodes.

const ORIGIN = 'https://give.charity.example';

$folder = getenv( 'FOLDER' );
foreach ( array(
	'ABSPATH'                => getenv( 'WORDPRESS' ) . '/',
	'WP_CONTENT_DIR'         => "$folder/content",
	'DB_HOST'                => "localhost:$folder/socket",
	'DB_NAME'                => 'wordpress',
	'DB_USER'                => 'root',
	'DB_PASSWORD'            => '',
	'WP_HOME'                => 'https://www.charity.example',
	'WP_SITEURL'             => 'https://www.charity.example',
	'WP_DEBUG'               => true,
	'WP_DEBUG_DISPLAY'       => null,
	'WP_HTTP_BLOCK_EXTERNAL' => true,
	'DISABLE_WP_CRON'        => true,
	'WP_INSTALLING'          => true,
) as $name => $value ) {
	define( $name, $value );
}
$table_prefix = 'wp_';
$_SERVER     += array(
	'HTTP_HOST'       => 'www.charity.example',
	'REQUEST_METHOD'  => 'GET',
	'REQUEST_URI'     => '/',
	'SERVER_PROTOCOL' => 'HTTP/1.1',
);

for ( $latest = time() + 120; ; usleep( 100000 ) ) {
	try {
		mysqli_connect( 'localhost', 'root', '', '', 0, "$folder/socket" )->query( 'CREATE DATABASE wordpress' );
		break;
	} catch ( mysqli_sql_exception $error ) {
		if ( time() > $latest ) {
			readfile( "$folder/database.log" );
			throw $error;
		}
	}
}

// WordPress itself may use what its PHP no longer likes; from the plugin on nothing may.
set_error_handler( fn() => true, E_DEPRECATED );
require ABSPATH . 'wp-settings.php';
require ABSPATH . 'wp-admin/includes/upgrade.php';

function wp_new_blog_notification() {}

wp_install( 'The charity', 'admin', 'admin@charity.example', false, '', 'password' );
wp_installing( false );

set_error_handler(
	function ( $number, $what, $file, $line ) {
		throw new ErrorException( "$what ($file:$line)" );
	}
);

function demand( $made, $expected, $of ) {
	if ( $made !== $expected ) {
		fwrite( STDERR, "$of\nmade     " . var_export( $made, true ) . "\nexpected " . var_export( $expected, true ) . "\n" );
		exit( 1 );
	}
}

// Before it is switched on, which is when WordPress makes curly quotes of what its list shows.
$shown = get_plugin_data( WP_PLUGIN_DIR . '/almoner/almoner.php' );
demand( $shown['Name'], 'Almoner', 'its name' );
demand( strpbrk( $shown['Description'], '&"\'' ), false, 'nothing in its description that is copied with curly quotes' );
demand( $shown['UpdateURI'], 'false', 'no stranger of the same name updates it' );
demand( activate_plugin( 'almoner/almoner.php' ), null, 'it is switched on' );

/** What a page shows that somebody wrote and WordPress kept. */
function page( $author, $content ) {
	wp_set_current_user( $author );
	$page = wp_insert_post( wp_slash( array( 'post_type' => 'page', 'post_title' => 'Give', 'post_content' => $content ) ), true );
	return trim( apply_filters( 'the_content', get_post( $page )->post_content ) );
}

function buttons( $pounds, $more = '' ) {
	$buttons = array_map( fn( $it ) => "<button class=\"wp-element-button\" name=\"amount\" value=\"{$it}00\">&pound;$it</button> ", $pounds );
	return '<form class="almoner-buttons" style="display:flex;flex-wrap:wrap;gap:.5em" action="' . ORIGIN . "/donate\">$more" . implode( $buttons ) . '</form>';
}

$link   = '<a class="almoner-link" href="' . ORIGIN;
$hidden = '<input type="hidden" name="appeal" value="XMAS26">';
$made   = array(
	'[almoner_link]'                                                  => "$link/donate\">Donate</a>",
	'[almoner_link form="join" text=" "]'                             => "$link/join\">Join</a>",
	'[almoner_link text=""]'                                          => "$link/donate\">Donate</a>",
	'[almoner_link text="<b>Give</b>"]'                               => "$link/donate\">&lt;b&gt;Give&lt;/b&gt;</a>",
	'[almoner_link appeal="XMAS26" amount="2500" text="Give £25"]'    => "$link/donate?appeal=XMAS26&#038;amount=2500\">Give £25</a>",
	"[almoner_link form='join' plan='friend' lang='cy' text='Ymuno &amp; byw']" => "$link/join?plan=friend&#038;lang=cy\">Ymuno &amp; byw</a>",
	'[almoner_buttons]'                                               => buttons( array( 10, 25, 50 ) ),
	'[almoner_buttons appeal="XMAS26" amounts="5, 20"]'               => buttons( array( 5, 20 ), $hidden ),
	'[almoner_buttons lang="cy" amounts="5"]'                         => buttons( array( 5 ), '<input type="hidden" name="lang" value="cy">' ),
	'[almoner_buttons amounts="7,2.50,-5,0,1e3,0x1A,99999999999999999999,,x"]' => buttons( array( 7 ) ),
);
// On a line of its own in the classic editor, and as a block: a paragraph is around a link, and none around a form. In this order, because
// a page of blocks leaves WordPress's filters in another one.
$made = array_map( fn( $it ) => preg_replace( '/^<a .*/', '<p>$0</p>', $it ), $made );
foreach ( $made as $shortcode => $expected ) {
	demand( page( 1, "Give.\n\n$shortcode\n\nThank you." ), "<p>Give.</p>\n$expected\n<p>Thank you.</p>", "classic $shortcode" );
}
foreach ( $made as $shortcode => $expected ) {
	demand( page( 1, "<!-- wp:shortcode -->\n$shortcode\n<!-- /wp:shortcode -->" ), $expected, "block $shortcode" );
}

demand( page( 1, 'Give [almoner_link] now.' ), "<p>Give $link/donate\">Donate</a> now.</p>", 'within a line' );

// Whoever may write, but no HTML of their own, gets nothing of it in: our elements, our attributes, our addresses.
$contributor = wp_create_user( 'contributor', 'password', 'contributor@charity.example' );
( new WP_User( $contributor ) )->set_role( 'contributor' );
foreach ( array(
	'[almoner_link text="<img src=x onerror=alert(1)>" appeal=\'"><script>alert(1)</script>\']',
	'[almoner_link text=\'x" onmouseover="alert(1)\' appeal=\'" onclick="alert(1)\']',
	'[almoner_link text="&lt;script&gt;alert(1)&lt;/script&gt;" lang="cy&#34; onclick=&#34;alert(1)" plan="javascript:alert(1)"]',
	'[almoner_link text=\'\\x3cscript\\x3ealert(1)\\x3c/script\\x3e\' amount="\\"><b>"]',
	'[almoner_link form="//evil.example" href="https://evil.example" origin="https://evil.example" "bare" x]',
	'[almoner_buttons action="https://evil.example" form="https://evil.example" name="return_url"]',
	'[almoner_buttons appeal=\'x" formaction="https://evil.example\' amounts=\'10" formaction="https://evil.example,25\']',
	'[almoner_buttons lang="&quot;&gt;&lt;script&gt;alert(1)&lt;/script&gt;" amounts="&lt;b&gt;7,25"]',
) as $shortcode ) {
	foreach ( array( $contributor, 1 ) as $author ) {
		$made = page( $author, $shortcode );
		$rest = preg_replace_callback(
			'/<(a|form|input|button)((?: (?:class|style|href|action|type|name|value)="[^"<>]*")+)>|<\/(?:a|form|button|p)>|<p>/',
			function ( $tag ) use ( $shortcode ) {
				preg_match_all( '/ (href|action|class|style|name)="([^"]*)"/', $tag[2] ?? '', $found, PREG_SET_ORDER );
				foreach ( $found as list( , $name, $value ) ) {
					$ours = array(
						'href'   => '{^' . ORIGIN . '/(donate|join)(\?[\w%&#;=.+-]*)?$}',
						'action' => '{^' . ORIGIN . '/donate$}',
						'class'  => '/^(almoner-link|almoner-buttons|wp-element-button)$/',
						'style'  => '/^display:flex;flex-wrap:wrap;gap:.5em$/',
						'name'   => '/^(appeal|lang|amount)$/',
					);
					demand( preg_match( $ours[ $name ], $value ), 1, "$shortcode: $name=\"$value\"" );
				}
				return '';
			},
			$made
		);
		demand( strpbrk( $rest, '<>' ), false, "$shortcode\n$made" );
	}
}
echo "the plugin makes what it says, in WordPress $wp_version on PHP " . PHP_VERSION . "\n";
